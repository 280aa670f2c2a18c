import { KompressorError } from '../../errors/index.ts'
import { compareFeatures, featureReference } from './features.ts'
import { outputCoefficients } from './fitted.ts'
import { distanceOf, scoreAt } from './model.ts'
import { assertPixels } from './sample.ts'
import { copyTiles, planTiles } from './tiles.ts'
import type { MeasureScoreRequest } from './types.ts'

/** Finished outputs are sampled twice as densely as probes: nothing has to be encoded for it. */
const tileSize = 64
const tileLimit = 72

/**
 * Estimated SSIMULACRA2 score, 0-100, of a finished output against its reference, from up to 72 tiles of 64 x 64
 * pixels (all of an image up to 0.29 MP). Throws `internal` when sizes differ or a buffer is not RGB of its size.
 */
export function measureScore(request: MeasureScoreRequest): number {
  return scoreAt(distanceOf(measureFeatures(request), outputCoefficients[request.codec ?? 'any']))
}

/** What `measureScore` estimates from, in the order of `featureNames`; the model is fitted to these. */
export function measureFeatures({ reference, candidate }: MeasureScoreRequest): Float64Array {
  assertPixels(reference)
  assertPixels(candidate)
  if (reference.width !== candidate.width || reference.height !== candidate.height) {
    throw new KompressorError(
      'internal',
      `cannot compare ${candidate.width} x ${candidate.height} with ${reference.width} x ${reference.height} pixels`,
    )
  }
  const grid = planTiles(reference.width, reference.height, tileSize, tileLimit)
  const width = grid.columns * tileSize
  const height = grid.rows * tileSize
  const windows = featureReference(copyTiles(reference, grid), width, height, tileSize)
  return compareFeatures(windows, copyTiles(candidate, grid))
}
