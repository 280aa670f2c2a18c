import type { Row } from './row.ts'

/** What a batch has come to, counted over its rows. */
export interface Sums {
  files: number
  pending: number
  queued: number
  processing: number
  completed: number
  failed: number
  cancelled: number
  /** Of those completed. */
  compressed: number
  kept: number
  skipped: number
  /** Bytes of all files whose size is known. */
  size: number
  /** Bytes of completed files before and after. */
  bytesIn: number
  bytesOut: number
}

export function noSums(): Sums {
  return {
    files: 0,
    pending: 0,
    queued: 0,
    processing: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    compressed: 0,
    kept: 0,
    skipped: 0,
    size: 0,
    bytesIn: 0,
    bytesOut: 0,
  }
}

/** Adds a row, or takes it away with `times` = -1. Changes the sums: they are kept up to date row by row. */
export function count(sums: Sums, row: Row, times: 1 | -1 = 1): void {
  sums.files += times
  sums[row.state] += times
  sums.size += times * (row.size ?? 0)
  if (row.state !== 'completed' || row.result === undefined) return
  const { outcome, bytesIn, bytesOut } = row.result
  sums[outcome === 'kept_original' ? 'kept' : outcome] += times
  sums.bytesIn += times * bytesIn
  sums.bytesOut += times * bytesOut
}
