import { openSample, type QualitySample } from './sample.ts'
import type { FindQualityRequest, FoundQuality, PredictScoreRequest, QualityCodec } from './types.ts'

/** Qualities probed, ascending; a step is small enough to interpolate across. */
const probeGrid: Record<QualityCodec, readonly number[]> = {
  mozjpeg: [30, 45, 60, 72, 82, 90, 95],
  jpeg: [30, 45, 60, 72, 82, 90, 95],
  webp: [40, 60, 75, 86, 93, 97],
  avif: [30, 42, 53, 64, 75, 85],
}

const caps: Record<QualityCodec, number> = { mozjpeg: 95, jpeg: 95, webp: 97, avif: 85 }

/** The highest quality the search gives for a target: beyond it bytes grow much faster than the score. */
export function qualityCap(codec: QualityCodec, _target: number): number {
  return caps[codec]
}

/** The quality at which one codec's encode of one image is predicted to reach the target. */
export async function findQuality(request: FindQualityRequest): Promise<FoundQuality> {
  return await searchSample(openSample(request), request.codec, request.target)
}

/** Predicted score, 0-100, of one image at one quality. For several qualities of an image use `openSample`. */
export async function predictScore(request: PredictScoreRequest): Promise<number> {
  return await openSample(request).predict(request.quality)
}

export async function searchSample(
  sample: QualitySample,
  codec: QualityCodec,
  target: number,
): Promise<FoundQuality> {
  const grid = probeGrid[codec]
  let at = Math.min(grid.length - 1, target <= 70 ? 2 : target <= 80 ? 3 : 5)
  let below: { quality: number; score: number } | undefined
  let above: { quality: number; score: number } | undefined
  while (below === undefined || above === undefined) {
    const quality = grid[at]
    if (quality === undefined) break
    const score = await sample.predict(quality)
    if (score < target) {
      below = { quality, score }
      at++
    } else {
      above = { quality, score }
      at--
    }
  }
  const low = below ?? { quality: 1, score: 0 }
  if (above === undefined) return { ...low, saturated: true, probes: sample.probes }
  const share = (target - low.score) / (above.score - low.score)
  const quality = Math.round(low.quality + share * (above.quality - low.quality))
  return { quality, score: target, saturated: false, probes: sample.probes }
}
