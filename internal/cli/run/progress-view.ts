import type { Output } from '../terminal/output.ts'
import { describeProgress, type ProgressState, renderProgress } from './progress.ts'

/** Shows how far a run is. */
export interface ProgressView {
  /** Says something in between. */
  note(text: string): void
  /** Takes the progress away, so that something else can be written. */
  stop(): void
}

const frameMs = 100
const lineMs = 10_000

/** One line on a terminal that is written over ten times a second; a plain line every ten seconds elsewhere. */
export function showProgress(output: Output, live: boolean, state: () => ProgressState): ProgressView {
  const draw = () => {
    output.write(
      live ? `\r${renderProgress(state(), output.columns ?? 80)}\x1b[K` : `${describeProgress(state())}\n`,
    )
  }
  const timer = setInterval(draw, live ? frameMs : lineMs)
  const clear = () => {
    if (live) output.write('\r\x1b[K')
  }
  return {
    note: (text) => {
      clear()
      output.write(`${text}\n`)
    },
    stop: () => {
      clearInterval(timer)
      clear()
    },
  }
}
