export { compressImage } from './compress.ts'
export type { Finished } from './finish.ts'
export { initImages } from './init.ts'
