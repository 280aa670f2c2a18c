/** Upper bounds of the bins files are counted in by how long they took, in milliseconds: 100 ms to 29 hours in steps of √2. */
export const latencyBounds: readonly number[] = Array.from({ length: 41 }, (_, i) => 100 * 2 ** (i / 2))

/** The bin of a duration. Behind the last bound there is one more. */
export function latencyBin(ms: number): number {
  const bin = latencyBounds.findIndex((bound) => ms <= bound)
  return bin === -1 ? latencyBounds.length : bin
}

/**
 * The duration that this share (0 to 1) of the counted files did not exceed, in milliseconds, off by less than a bin.
 * Undefined when there are none.
 */
export function quantile(counts: readonly number[], share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  const rank = share * total
  let before = 0
  for (const [bin, count] of counts.entries()) {
    if (count > 0 && before + count >= rank) {
      const low = bin === 0 ? 0 : (latencyBounds[bin - 1] ?? 0)
      const high = latencyBounds[bin] ?? low
      return Math.round(low + (high - low) * Math.max(0, (rank - before) / count))
    }
    before += count
  }
  return latencyBounds.at(-1)
}

/** Bin by bin. */
export function addCounts(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0))
}
