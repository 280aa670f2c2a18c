import {
  distanceOf,
  probeCoefficients,
  type QualityCodec,
  searchSample,
} from '../../internal/codec/quality/index.ts'
import { type FitRow, fitFolds } from './fit-coefficients.ts'
import { type ImageCurve, type Outcome, outcomeAt } from './spread.ts'

/** An image with its true curve, and its probes' features at every quality the search may ask for. */
export interface KnownImage {
  image: string
  curve: ImageCurve
  features: Map<number, Float64Array>
}

/** What the search finds for each image with a model fitted to the others; true scores are read off the curves. */
export async function searchHeldOut(
  codec: QualityCodec,
  target: number,
  rows: readonly FitRow[],
  images: readonly KnownImage[],
  folds: number,
): Promise<Outcome[]> {
  const fitted = fitFolds(rows, probeCoefficients[codec], folds)
  const outcomes: Outcome[] = []
  for (const { image, curve, features } of images) {
    const coefficients = fitted.get(image) ?? probeCoefficients[codec]
    const probed = new Set<number>()
    const found = await searchSample(
      {
        async distance(quality) {
          probed.add(quality)
          const known = features.get(quality)
          if (known === undefined) throw new Error(`${image} has no features at quality ${quality}`)
          return distanceOf(known, coefficients)
        },
        get probes() {
          return probed.size
        },
      },
      codec,
      target,
    )
    outcomes.push(outcomeAt(curve, found.quality))
  }
  return outcomes
}
