import { lazy } from 'react'

export { isPicture } from './picture.ts'
export { Thumbnail } from './thumbnail.tsx'
/** Loaded when somebody first looks closely. */
export const Compare = lazy(async () => ({ default: (await import('./compare.tsx')).Compare }))
