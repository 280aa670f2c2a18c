import { qualityAt, typicalAt } from './curves.ts'
import { typicalCurves } from './fitted.ts'
import { distanceAt, scoreAt } from './model.ts'
import { openSample, type QualitySample } from './sample.ts'
import type { FindQualityRequest, FoundQuality, PredictScoreRequest, QualityCodec } from './types.ts'

/**
 * Beyond these, for the targets 75 and 95, bytes grow much faster than the score: strong noise must not run away.
 * Linear between; constant below 75. The typical curves end at 99, and so do these.
 */
const caps: Record<QualityCodec, { at75: number; at95: number }> = {
  mozjpeg: { at75: 92, at95: 99 },
  jpeg: { at75: 92, at95: 99 },
  webp: { at75: 95, at95: 99 },
  avif: { at75: 82, at95: 98 },
}

/**
 * A probe this close to the target in score is near enough to follow the typical curve from it alone. JPEG's small
 * quantisers make steps that differ by image; the others run smoothly, and their probes cost more.
 */
const near: Record<QualityCodec, number> = { mozjpeg: 2.5, jpeg: 2.5, webp: 3.5, avif: 3.5 }

/** Two probes show the image's own slope: the result may be this far from the closer one. */
const nearWithSlope = 6

const maxProbes = 4

/** How much steeper or flatter than the typical curve an image's own may be: probes close together exaggerate it. */
const slopes = { min: 0.6, max: 1.6 }

/** Scores are not known better than this; a cap that misses the target by less has reached it. */
const slack = 0.5

/** One probe on the axes of the search: quality, typical log distance there, the image's log distance. */
interface Probe {
  quality: number
  typical: number
  own: number
}

/** The highest quality the search gives for a target (0-100). */
export function qualityCap(codec: QualityCodec, target: number): number {
  const { at75, at95 } = caps[codec]
  const share = Math.min(1, Math.max(0, (target - 75) / 20))
  return Math.round(at75 + share * (at95 - at75))
}

/**
 * The quality at which one codec's encode of one image is predicted to reach the target. Takes 1-4 probes of the
 * sample, 1.5 on average. Rejects with the encoder's error, or `internal` when the pixels are not RGB of their size.
 */
export async function findQuality(request: FindQualityRequest): Promise<FoundQuality> {
  return await searchSample(openSample(request), request.codec, request.target)
}

/** Predicted score, 0-100, of one image at one quality (1-100, whole). Several qualities share an `openSample`. */
export async function predictScore({ quality, ...request }: PredictScoreRequest): Promise<number> {
  return await openSample(request).predict(quality)
}

/**
 * Searches a sample that may already have been probed. Every image's log distance runs along its codec's typical
 * curve, shifted and a little stretched: the first probe gives the shift, a second the stretch, and a straight line
 * through the closest two the quality of the target.
 */
export async function searchSample(
  sample: Pick<QualitySample, 'distance' | 'probes'>,
  codec: QualityCodec,
  target: number,
): Promise<FoundQuality> {
  // The curve ends at quality 20, and so does the search: below it even flat images band visibly.
  const curve = typicalCurves[codec]
  const wanted = logOf(distanceAt(target))
  const cap = qualityCap(codec, target)
  const clamp = (quality: number) => Math.min(cap, Math.round(quality))
  const probes: Probe[] = []

  let next = clamp(qualityAt(curve, wanted))
  for (;;) {
    const own = logOf(await sample.distance(next))
    probes.push({ quality: next, typical: typicalAt(curve, next), own })
    probes.sort((a, b) => Math.abs(a.own - wanted) - Math.abs(b.own - wanted))
    const line = lineThrough(probes)
    next = clamp(qualityAt(curve, line.typical + (wanted - line.own) / line.slope))
    const known = probes.find((probe) => probe.quality === next)
    const off = Math.abs(scoreAt(Math.exp(line.own)) - target)
    if (known || off <= (probes.length === 1 ? near[codec] : nearWithSlope) || probes.length === maxProbes) {
      const at = known?.own ?? line.own + (typicalAt(curve, next) - line.typical) * line.slope
      const score = scoreAt(Math.exp(at))
      return {
        quality: next,
        score,
        saturated: next === cap && score < target - slack,
        probes: sample.probes,
      }
    }
  }
}

/** The closest probe to the target, with the slope towards the second closest; 1 when there is none. */
function lineThrough([first, second]: Probe[]): { typical: number; own: number; slope: number } {
  if (first === undefined) throw new TypeError('a line needs a probe')
  if (second === undefined) return { ...first, slope: 1 }
  const slope = (first.own - second.own) / (first.typical - second.typical)
  return { ...first, slope: Math.min(slopes.max, Math.max(slopes.min, slope)) }
}

/** Flat images have no distance at all; its logarithm must still be a number. */
function logOf(distance: number): number {
  return Math.log(Math.max(distance, 1e-4))
}
