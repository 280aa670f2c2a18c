import { distanceAt } from './model.ts'
import type { TypicalCurve } from './types.ts'

/** Natural logarithm of the typical distance at a whole quality; the end's value outside the curve. */
export function typicalAt({ lowest, scores }: TypicalCurve, quality: number): number {
  const index = Math.min(scores.length - 1, Math.max(0, quality - lowest))
  return Math.log(distanceAt(scores[index] as number))
}

/**
 * Quality, not rounded, at which a log distance is typically reached: the inverse of `typicalAt`, linear between whole
 * qualities, an end of the curve for distances beyond it.
 */
export function qualityAt(curve: TypicalCurve, logDistance: number): number {
  let quality = curve.lowest
  const highest = curve.lowest + curve.scores.length - 1
  let before = typicalAt(curve, quality)
  if (before <= logDistance) return quality
  while (quality < highest) {
    const after = typicalAt(curve, quality + 1)
    if (after <= logDistance) return quality + (before - logDistance) / (before - after)
    before = after
    quality++
  }
  return highest
}
