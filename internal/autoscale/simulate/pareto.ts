/** What a setting costs and what it gets for that: less is better in both. */
export interface Point {
  podHours: number
  /** Percentage points of late tasks. */
  late: number
}

/** Those that no other is better than in both, from the cheapest to the dearest. */
export function front<P extends Point>(points: readonly P[]): P[] {
  const sorted = points.toSorted((a, b) => a.podHours - b.podHours || a.late - b.late)
  const kept: P[] = []
  for (const point of sorted) {
    const best = kept.at(-1)
    if (best === undefined || point.late < best.late) kept.push(point)
  }
  return kept
}

/** A mixture of two neighbours on a front: `part` of the second. */
export interface Mixture<P> {
  first: P
  second: P
  part: number
}

/**
 * What a front has at this cost: one setting for a part of the time and its neighbour for the rest. Nothing on the front
 * is so cheap: its cheapest, which may cost more. Nothing is so dear: its best.
 */
export function atCost<P extends Point>(sorted: readonly P[], podHours: number): Mixture<P> {
  const after = sorted.findIndex((point) => point.podHours >= podHours)
  const first = after === -1 ? sorted.at(-1) : sorted[Math.max(0, after - 1)]
  const second = after === -1 ? sorted.at(-1) : sorted[after]
  if (first === undefined || second === undefined) throw new RangeError('a front has at least one point')
  const between = second.podHours - first.podHours
  const part = between > 0 ? Math.min(1, Math.max(0, (podHours - first.podHours) / between)) : 0
  return { first, second, part }
}
