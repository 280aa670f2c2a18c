import { formatBytes, formatCount, formatDuration, formatSaved } from '../terminal/format.ts'
import { ellipsize, textWidth } from '../terminal/width.ts'

/** How far a run is. Bytes are of inputs unless named otherwise. */
export interface ProgressState {
  found: { files: number; bytes: number }
  /** The scan is over: what was found is all there is. */
  scanned: boolean
  done: { files: number; bytes: number }
  failed: number
  /** Of files with an outcome, to show the saving. */
  bytesIn: number
  bytesOut: number
  /** Bytes that took work in this run; what an earlier run did says nothing about speed. */
  worked: number
  elapsedMs: number
}

/** 0 to 1. Half by files and half by bytes: a few huge files and many tiny ones both move it. */
export function fractionDone({ found, done }: ProgressState): number {
  const part = (of: number, whole: number) => (whole === 0 ? 1 : Math.min(1, of / whole))
  return (part(done.files, found.files) + part(done.bytes, found.bytes)) / 2
}

/** Milliseconds to go at the speed so far; undefined while that would be a guess. */
export function remainingMs(state: ProgressState): number | undefined {
  if (!state.scanned || state.worked === 0 || state.elapsedMs < 2000) return undefined
  const left = Math.max(0, state.found.bytes - state.done.bytes)
  return (left / state.worked) * state.elapsedMs
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of exactly `width` columns. */
export function renderBar(fraction: number, width: number): string {
  const filled = Math.max(0, Math.min(1, fraction)) * width
  const whole = Math.floor(filled)
  const bar = '█'.repeat(whole) + (eighths[Math.floor((filled - whole) * 8)] ?? '')
  return bar + '░'.repeat(width - textWidth(bar))
}

/** What is said about a run while it goes, without the bar: `12 of 48 files · 9.1 MB → 4.0 MB (−56.0%) · 8 s left`. */
export function describeProgress(state: ProgressState, { sizes = true } = {}): string {
  const parts = [
    `${formatCount(state.done.files)} of ${formatCount(state.found.files)}${state.scanned ? '' : '+'} files`,
  ]
  if (sizes && state.bytesIn > 0) {
    const saved = formatSaved(state.bytesIn, state.bytesOut)
    parts.push(`${formatBytes(state.bytesIn)} → ${formatBytes(state.bytesOut)}, ${saved} saved`)
  }
  if (state.failed > 0) parts.push(`${formatCount(state.failed)} failed`)
  const left = remainingMs(state)
  if (left !== undefined) parts.push(`${formatDuration(Math.ceil(left / 1000) * 1000)} left`)
  return parts.join(' · ')
}

const shortestBar = 8
const longestBar = 24

/** The progress line of a terminal of this width; a narrow one shows no sizes. */
export function renderProgress(state: ProgressState, columns: number): string {
  const percent = `${Math.floor(fractionDone(state) * 100)}%`.padStart(4)
  // The last column stays empty: some terminals wrap when it is written.
  const room = (text: string) => columns - 1 - textWidth(text) - percent.length - 3
  const whole = describeProgress(state)
  const text = room(whole) < shortestBar ? describeProgress(state, { sizes: false }) : whole
  if (room(text) < shortestBar) return ellipsize(`${percent.trim()} · ${text}`, columns - 1)
  return `${renderBar(fractionDone(state), Math.min(room(text), longestBar))} ${percent}  ${text}`
}
