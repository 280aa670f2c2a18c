import type { Coefficients } from './types.ts'

/** SSIMULACRA2's last step: score = 100 - 10 * distance ** exponent. */
const exponent = 0.62763

/**
 * Below this distance the constant fades, so that a perfect encode has the score 100 and not what the best of the
 * fitted ones have.
 */
const fade = 0.1

/** Distance of an encode with these features from its original: 0 when they are all 0, growing with each of them. */
export function distanceOf(features: Float64Array, { weights, constant }: Coefficients): number {
  let sum = 0
  for (let i = 0; i < features.length; i++) sum += (weights[i] as number) * (features[i] as number)
  return sum + (constant * sum) / (sum + fade)
}

/** Score, 0-100, of an encode at this distance. */
export function scoreAt(distance: number): number {
  return Math.max(0, 100 - 10 * distance ** exponent)
}

/** The inverse of `scoreAt`, for scores up to 100. */
export function distanceAt(score: number): number {
  return ((100 - score) / 10) ** (1 / exponent)
}
