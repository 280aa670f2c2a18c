const few = [12.7062047, 4.3026527, 3.1824463, 2.7764451]
/** The same quantile of the normal distribution. */
const z = 1.959964

/**
 * The two-sided 95 % quantile of Student's t: what a standard error is multiplied by. Fractional degrees of freedom are rounded
 * down, which errs to the wide side; fewer than one counts as one.
 *
 * From 5 on by the expansion around the normal quantile (Abramowitz and Stegun, 26.7.5), within 0.1 % there.
 */
export function t95(degrees: number): number {
  const n = Math.max(1, Math.floor(degrees))
  const tabled = few[n - 1]
  if (tabled !== undefined) return tabled
  const first = (z ** 3 + z) / 4
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  const fourth = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160
  return z + first / n + second / n ** 2 + third / n ** 3 + fourth / n ** 4
}
