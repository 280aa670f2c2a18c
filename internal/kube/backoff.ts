export interface BackoffPolicy {
  /** Milliseconds after the first failure. */
  baseMs: number
  maxMs: number
}

/**
 * Milliseconds to wait after `failures` (1, 2, …) in a row: doubling up to the maximum, the second half random, so that
 * what failed together does not come back together.
 *
 * @param random uniform in [0, 1)
 */
export function backoffMs(failures: number, { baseMs, maxMs }: BackoffPolicy, random: () => number): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(30, Math.max(0, failures - 1)))
  return ceiling / 2 + (random() * ceiling) / 2
}
