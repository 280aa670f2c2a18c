import { interpolate, mean, quantile, standardDeviation } from './statistics.ts'

/** What one image costs and looks like at each quality: arrays of equal length, qualities ascending. */
export interface ImageCurve {
  qualities: number[]
  scores: number[]
  bytes: number[]
}

/** What the search made of one image. */
export interface Outcome {
  quality: number
  score: number
  bytes: number
}

export interface Spread {
  images: number
  scoreMean: number
  scoreDeviation: number
  /** A tenth of the images scores lower than this. */
  lowestDecile: number
  /** The one quality for all images whose lowest decile is the same, and the spread it has. */
  fixedQuality: number
  fixedDeviation: number
  /** Bytes of the search against that one quality: -0.1 is a tenth less. */
  bytesAgainstFixed: number
  /** Bytes against the one quality with the same mean score: consistency costs a little here. */
  bytesAgainstSameMean: number
}

/** Compares the outcomes of a search with one fixed quality, whose results come from the curves of the same images. */
export function spreadOf(curves: readonly ImageCurve[], outcomes: readonly Outcome[]): Spread {
  const scores = outcomes.map((outcome) => outcome.score)
  const total = outcomes.reduce((sum, outcome) => sum + outcome.bytes, 0)
  const lowestDecile = quantile(scores, 0.1)
  const fixedQuality = qualityWhere(curves, lowestDecile, (values) => quantile(values, 0.1))
  const meanQuality = qualityWhere(curves, mean(scores), mean)
  return {
    images: outcomes.length,
    scoreMean: mean(scores),
    scoreDeviation: standardDeviation(scores),
    lowestDecile,
    fixedQuality,
    fixedDeviation: standardDeviation(scoresAt(curves, fixedQuality)),
    bytesAgainstFixed: total / bytesAt(curves, fixedQuality) - 1,
    bytesAgainstSameMean: total / bytesAt(curves, meanQuality) - 1,
  }
}

/** Score and bytes of one image at a quality between those of its curve. */
export function outcomeAt({ qualities, scores, bytes }: ImageCurve, quality: number): Outcome {
  // Bytes grow by a factor per quality step, so they are interpolated as logarithms.
  const logarithms = bytes.map((value) => Math.log(value))
  return {
    quality,
    score: interpolate(qualities, scores, quality),
    bytes: Math.exp(interpolate(qualities, logarithms, quality)),
  }
}

function scoresAt(curves: readonly ImageCurve[], quality: number): number[] {
  return curves.map((curve) => outcomeAt(curve, quality).score)
}

function bytesAt(curves: readonly ImageCurve[], quality: number): number {
  return curves.reduce((sum, curve) => sum + outcomeAt(curve, quality).bytes, 0)
}

/** The (fractional) quality at which a statistic of all scores is `wanted`; it rises with quality. */
function qualityWhere(
  curves: readonly ImageCurve[],
  wanted: number,
  statistic: (scores: number[]) => number,
): number {
  let low = 1
  let high = 100
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (statistic(scoresAt(curves, middle)) < wanted) low = middle
    else high = middle
  }
  return (low + high) / 2
}
