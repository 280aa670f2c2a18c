import { type ApiError, isPassing } from '../api/problem.ts'

/*
 * The life of one upload in this page:
 *
 *     waiting ⇄ sending → sent → (gone: the service knows that it is there)
 *        ⇅         ⇅
 *     paused    failed
 *
 * A file that could not be sent for want of a connection waits and is tried again by itself; `failed` is what only
 * somebody can put right. The functions here change nothing: they say what comes next.
 */

export type UploadPhase = 'waiting' | 'sending' | 'paused' | 'sent' | 'failed'

export interface UploadItem {
  readonly fileId: string
  readonly batchId: string
  readonly size: number
  readonly phase: UploadPhase
  /** Bytes that have left this machine. */
  readonly sent: number
  /** Tries that ended for want of a connection since the last one that went well. */
  readonly failures: number
  /** Not to be tried before, in milliseconds of the clock. */
  readonly notBefore: number
  readonly error?: ApiError
}

/** The first wait after a lost connection and the longest, in milliseconds. */
const firstWaitMs = 500
const longestWaitMs = 10_000

export function newItem(of: { fileId: string; batchId: string; size: number }): UploadItem {
  return { ...of, phase: 'waiting', sent: 0, failures: 0, notBefore: 0 }
}

export function begin(item: UploadItem): UploadItem {
  return { ...without(item), phase: 'sending' }
}

export function progress(item: UploadItem, sent: number): UploadItem {
  return item.phase === 'sending' ? { ...item, sent, failures: sent > item.sent ? 0 : item.failures } : item
}

export function succeed(item: UploadItem): UploadItem {
  return { ...without(item), phase: 'sent', sent: item.size, failures: 0 }
}

/** What becomes of a try that failed: what may pass by itself is tried again later, the rest is for somebody to decide. */
export function fail(item: UploadItem, error: ApiError, now: number): UploadItem {
  if (isPassing(error) || error.code === 'upload_incomplete') {
    const failures = item.failures + 1
    const waitMs = Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs)
    return { ...item, phase: 'waiting', failures, notBefore: now + waitMs, error }
  }
  return { ...item, phase: 'failed', error }
}

export function pause(item: UploadItem): UploadItem {
  return item.phase === 'waiting' || item.phase === 'sending' ? { ...without(item), phase: 'paused' } : item
}

/** Waits no longer for the connection. */
export function hurry(item: UploadItem): UploadItem {
  return item.phase === 'waiting' && item.notBefore > 0 ? { ...item, notBefore: 0 } : item
}

/** Goes on with what was paused, and tries again what failed. */
export function resume(item: UploadItem): UploadItem {
  if (item.phase !== 'paused' && item.phase !== 'failed') return item
  return { ...without(item), phase: 'waiting', failures: 0, notBefore: 0 }
}

/** The items to begin now: in their order, up to `limit` at a time over all. */
export function due(
  items: Iterable<UploadItem>,
  { limit, now }: { limit: number; now: number },
): UploadItem[] {
  const waiting: UploadItem[] = []
  let sending = 0
  for (const item of items) {
    if (item.phase === 'sending') sending += 1
    else if (item.phase === 'waiting' && item.notBefore <= now && waiting.length < limit) waiting.push(item)
  }
  return waiting.slice(0, Math.max(0, limit - sending))
}

function without(item: UploadItem): UploadItem {
  const { error: _, ...rest } = item
  return rest
}
