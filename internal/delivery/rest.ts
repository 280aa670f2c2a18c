/** Least milliseconds between the starts of two folds: reports that come meanwhile share the next, which costs hardly more. */
const intervalMs = 250
/** No rest is longer, milliseconds: people are watching. */
const longestMs = 750

/** What a fold was like. */
export interface FoldTiming {
  tookMs: number
  /** It took as many reports as it may: more are waiting. */
  isFull: boolean
  /** It held up the event loop while it ran. */
  embedded: boolean
}

/**
 * Milliseconds until the next fold may begin. Nothing rests while more is waiting, except that on an embedded database
 * requests have half the time then. A busy machine makes folds slow; that they rest four times as long as they took keeps
 * them to a fifth of it, and makes each of them worth more.
 */
export function restMs({ tookMs, isFull, embedded }: FoldTiming): number {
  const forOthers = embedded ? Math.min(longestMs, tookMs * (isFull ? 1 : 4)) : 0
  return isFull ? forOthers : Math.max(0, intervalMs - tookMs, forOthers)
}
