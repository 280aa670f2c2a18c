import { type Coefficients, distanceAt, distanceOf, scoreAt } from '../../internal/codec/quality/index.ts'
import type { Estimate } from './error.ts'
import { nonNegativeLeastSquares } from './nnls.ts'

/** One encode: what the model sees, and what it should say. */
export interface FitRow {
  image: string
  features: Float64Array
  truth: number
}

/** Scores that count: outside nobody chooses a quality, and the model need not bend for them. */
const fittedScores = { min: 50, max: 95 }

/** How strongly the prior holds, as a share of what the data say about each coefficient. Chosen by cross-validation. */
const pull = 0.003

/**
 * Non-negative least squares on the distance, errors weighed as they matter in score. The constant fades near 0
 * (see `distanceOf`), which makes the problem slightly non-linear: a few rounds settle it.
 */
export function fitCoefficients(rows: readonly FitRow[], prior: Coefficients): Coefficients {
  const used = rows.filter(({ truth }) => truth >= fittedScores.min && truth <= fittedScores.max)
  let fitted = prior
  for (let round = 0; round < 4; round++) {
    const current = fitted
    const equations = used.map(({ features, truth }) => {
      const value = distanceAt(truth)
      const withoutConstant = distanceOf(features, { ...current, constant: 0 })
      const faded = distanceOf(features, { ...current, constant: 1 }) - withoutConstant
      // The score's slope is about distance ** -0.37: its square weighs squared errors.
      return { features: [...features, faded], value, weight: value ** -0.745 }
    })
    const solved = nonNegativeLeastSquares(equations, [...prior.weights, prior.constant], pull)
    fitted = { weights: solved.slice(0, -1), constant: solved.at(-1) ?? 0 }
  }
  return fitted
}

/** Coefficients for the images of each fold, fitted to the images of all others. */
export function fitFolds(
  rows: readonly FitRow[],
  prior: Coefficients,
  folds: number,
): Map<string, Coefficients> {
  const images = [...new Set(rows.map(({ image }) => image))]
  const foldOf = new Map(images.map((image, i) => [image, i % folds]))
  const fitted = Array.from({ length: folds }, (_, fold) =>
    fitCoefficients(
      rows.filter(({ image }) => foldOf.get(image) !== fold),
      prior,
    ),
  )
  return new Map(images.map((image) => [image, fitted[foldOf.get(image) ?? 0] ?? prior]))
}

/** An estimate for every row by a fit to other images. */
export function crossValidate(rows: readonly FitRow[], prior: Coefficients, folds: number): Estimate[] {
  const fitted = fitFolds(rows, prior, folds)
  return rows.map(({ image, features, truth }) => ({
    estimate: scoreAt(distanceOf(features, fitted.get(image) ?? prior)),
    truth,
  }))
}
