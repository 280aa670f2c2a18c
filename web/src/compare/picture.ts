import type { Row } from '../batch/index.ts'

/** What browsers show. Not SVG: that is a document, and may carry scripts. */
const shown = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'])

/** Whether the outcome of a file is a picture that can be shown. */
export function isPicture({ state, result }: Row): boolean {
  return state === 'completed' && result?.output !== undefined && shown.has(result.output.type)
}

export function outputUrl({ id }: Row): string {
  return `/v1/files/${id}/content`
}

export function originalUrl({ id }: Row): string {
  return `/v1/files/${id}/original`
}
