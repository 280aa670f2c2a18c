import type { Io } from '../io.ts'
import { formatBytes, formatCount } from '../terminal/format.ts'

export interface Progress {
  readonly found: { files: number; bytes: number }
  /** Files of the sample that were looked at. */
  looked: number
  /** Files of the sample; undefined while the source is listed. */
  of: number | undefined
}

const frameMs = 100
const lineMs = 10_000

/** One line on a terminal that is written over; a plain line every ten seconds elsewhere. */
export function showSurvey({ stderr, env }: Io, quiet: boolean, progress: Progress): { stop(): void } {
  if (quiet) return { stop: () => undefined }
  const live = stderr.isTTY === true && env.TERM !== 'dumb'
  const timer = setInterval(
    () => stderr.write(live ? `\r${describe(progress)}\x1b[K` : `${describe(progress)}\n`),
    live ? frameMs : lineMs,
  )
  return {
    stop: () => {
      clearInterval(timer)
      if (live) stderr.write('\r\x1b[K')
    },
  }
}

function describe({ found, looked, of }: Progress): string {
  const listed = `${formatCount(found.files)} files, ${formatBytes(found.bytes)}`
  return of === undefined
    ? `Listing: ${listed}`
    : `Looked at ${formatCount(looked)} of ${formatCount(of)} files drawn from ${listed}`
}
