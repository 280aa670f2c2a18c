import type { CompressRequest } from '../request.ts'
import type { Compressed } from '../result.ts'

/** Compresses local files in child processes, one file a slot at a time. */
export interface Compressor {
  readonly slots: number
  /**
   * Waits for a slot and for memory, then compresses. Rejects with a KompressorError whose message names the file:
   * the codec's own codes, codec_timeout, codec_crashed, codec_out_of_memory, too_large_for_worker, cancelled,
   * shutting_down. After a rejection nothing is left at `output`.
   */
  compress(request: CompressRequest, options?: CompressCallOptions): Promise<Compressed>
  stats(): PoolStats
  /** Lets running files finish for up to `graceMs` (default 0), kills the rest, refuses new ones. Repeatable. */
  close(options?: { graceMs?: number }): Promise<void>
}

export interface CompressCallOptions {
  /** Wall-clock milliseconds the child may take; derived from the predicted cost when absent. */
  deadlineMs?: number
  signal?: AbortSignal
  /**
   * Called when a slot has been given and awaited before the child compresses: the place to journal the start. A file that
   * cannot be measured settles without waiting for it.
   */
  onStart?: () => Promise<void>
}

export interface PoolStats {
  slots: number
  busy: number
  /** Calls that wait for a slot or for memory. */
  waiting: number
  /** Children started since the pool was made, by why: first start, recycled, killed, crashed. */
  starts: Record<'first' | 'recycled' | 'killed' | 'crashed', number>
}
