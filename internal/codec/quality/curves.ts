import type { TypicalCurve } from './types.ts'

/** Typical log distance at a quality; linear between the knots, the end's slope beyond them. */
export function typicalAt({ qualities, logDistances }: TypicalCurve, quality: number): number {
  return follow(qualities, logDistances, quality)
}

/** Quality, not rounded, at which the typical log distance is reached: the inverse of `typicalAt`. */
export function qualityAt({ qualities, logDistances }: TypicalCurve, logDistance: number): number {
  const ascending = logDistances.map((value) => -value)
  return follow(ascending, qualities, -logDistance)
}

function follow(xs: readonly number[], ys: readonly number[], x: number): number {
  let i = 1
  while (i < xs.length - 1 && (xs[i] as number) < x) i++
  const [x0, x1] = [xs[i - 1] as number, xs[i] as number]
  const [y0, y1] = [ys[i - 1] as number, ys[i] as number]
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}
