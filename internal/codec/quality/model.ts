import type { QualityCodec } from './types.ts'

/** Weights in the order of `featureNames`, and the distance even the best encode keeps. */
export interface Coefficients {
  weights: readonly number[]
  constant: number
}

/** SSIMULACRA2's last step: score = 100 - 10 * distance ** exponent. */
const exponent = 0.62763

/** Fitted by bench/quality/fit.ts to the probes of each codec and the true score of its whole image. */
export const probeCoefficients: Record<QualityCodec, Coefficients> = {
  mozjpeg: {
    weights: [26.239, 604.82, 12.952, 355.04, 105.03, 368.73, 20.157, 22.659, 493.74],
    constant: 0.5317,
  },
  jpeg: {
    weights: [49.172, 375.32, 18.93, 129.14, 121.44, 197.02, 15.233, 18.495, 874.1],
    constant: 0.6243,
  },
  webp: {
    weights: [32.364, 488.76, 184.54, 406.36, 77.096, 460.16, 18.923, 2.969, 660.62],
    constant: 0.033,
  },
  avif: { weights: [24.462, 382.99, 24.839, 17.722, 113.53, 0, 22.563, 12.577, 1399], constant: 0.5319 },
}

/** The same for finished outputs, which are compared as they are. */
export const outputCoefficients: Record<QualityCodec | 'any', Coefficients> = {
  ...probeCoefficients,
  any: probeCoefficients.mozjpeg,
}

/**
 * Predicted score of an encode with these features: 100 when they are all 0, falling as they grow, at least 0.
 * The constant fades in with the rest, so that perfect encodes are perfect.
 */
export function scoreOf(features: Float64Array, coefficients: Coefficients): number {
  let sum = 0
  for (let i = 0; i < features.length; i++) {
    sum += (coefficients.weights[i] as number) * (features[i] as number)
  }
  const distance = sum + coefficients.constant * (sum / (sum + 0.5))
  return Math.max(0, 100 - 10 * distance ** exponent)
}
