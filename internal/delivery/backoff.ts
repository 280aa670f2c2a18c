export interface BackoffPolicy {
  initialBackoffMs: number
  maxBackoffMs: number
}

/**
 * Milliseconds to wait before the next attempt, after `failures` (1, 2, …) of them: doubling from the initial to the
 * maximum, the second half of it random so that files that failed together do not come back together ("equal jitter",
 * Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
 *
 * @param random uniform in [0, 1)
 */
export function backoffMs(failures: number, policy: BackoffPolicy, random: () => number): number {
  const doubled = policy.initialBackoffMs * 2 ** Math.max(0, failures - 1)
  const ceiling = Math.min(policy.maxBackoffMs, doubled)
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}
