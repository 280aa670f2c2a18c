import { mean, quantile, rootMeanSquare, spearman } from './statistics.ts'

/** A score as we estimate it, and as SSIMULACRA2 computes it. */
export interface Estimate {
  estimate: number
  truth: number
}

export interface EstimateError {
  pairs: number
  /** Estimate minus truth, in points. */
  bias: number
  rmse: number
  /** Nine of ten estimates are closer than this. */
  ninetyPercent: number
  worst: number
  /** Rank correlation. */
  spearman: number
}

/** Error where it matters: outside of true scores of 50-95 nobody chooses a quality. */
export function errorOf(estimates: readonly Estimate[]): EstimateError {
  const pairs = estimates.filter(({ truth }) => truth >= 50 && truth <= 95)
  const errors = pairs.map(({ estimate, truth }) => estimate - truth)
  return {
    pairs: pairs.length,
    bias: mean(errors),
    rmse: rootMeanSquare(errors),
    ninetyPercent: quantile(errors.map(Math.abs), 0.9),
    worst: Math.max(...errors.map(Math.abs)),
    spearman: spearman(
      pairs.map(({ estimate }) => estimate),
      pairs.map(({ truth }) => truth),
    ),
  }
}
