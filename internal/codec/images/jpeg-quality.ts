/**
 * How good a JPEG already is, from its luma quantisation table. Encoders scale a base table by their quality number;
 * the scale tells the number, and the number tells the score against the picture it was made from.
 */

/** Annex K of the JPEG standard, zigzag order: libjpeg, cameras, most software. */
const standardBase = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58,
  51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103,
  62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
]

/** N. Robidoux's table, mozjpeg's default, zigzag order. */
const mozjpegBase = [
  16, 16, 16, 16, 17, 16, 18, 20, 20, 18, 25, 27, 24, 27, 25, 37, 34, 31, 31, 34, 37, 56, 40, 43, 40, 43, 40,
  56, 85, 53, 62, 53, 53, 62, 53, 85, 75, 91, 74, 69, 74, 91, 75, 135, 106, 94, 94, 106, 135, 156, 131, 124,
  131, 156, 189, 169, 169, 189, 238, 226, 238, 311, 311, 418,
]

/** Mean SSIMULACRA2 score of photographs at [quality, score], measured on libjpeg's 4:2:0 and on mozjpeg. */
const standardScores = [
  [5, 0],
  [40, 60],
  [55, 68],
  [70, 75],
  [80, 80],
  [92, 86],
  [100, 95],
] as const
const mozjpegScores = [
  [5, 0],
  [60, 65],
  [74, 75],
  [89, 85],
  [100, 95],
] as const

export interface JpegQuality {
  /** On the scale of libjpeg (or mozjpeg, when its table was used), 1-100. */
  quality: number
  /** Estimated SSIMULACRA2 score against the unknown picture this was encoded from. */
  score: number
}

/** `luma` in zigzag order. The estimate is exact to 1 for the two known tables and fair for others. */
export function estimateJpegQuality(luma: readonly number[]): JpegQuality {
  const standard = fitBase(luma, standardBase)
  const mozjpeg = fitBase(luma, mozjpegBase)
  const robidoux = mozjpeg.error < standard.error
  const quality = qualityOf(robidoux ? mozjpeg.scale : standard.scale)
  return { quality, score: interpolate(robidoux ? mozjpegScores : standardScores, quality) }
}

/** The scale that best turns `base` into `table`, and how well it does. Entries cut off at 1 or 255 say nothing. */
function fitBase(table: readonly number[], base: readonly number[]): { scale: number; error: number } {
  const pairs = table.flatMap((value, i) =>
    value > 1 && value < 255 ? [[value, base[i] ?? 1] as const] : [],
  )
  if (pairs.length < 8) return { scale: table[0] === 255 ? 50 : 0, error: 0 }
  const scale = sum(pairs.map(([value]) => value)) / sum(pairs.map(([, expected]) => expected))
  return { scale, error: sum(pairs.map(([value, expected]) => Math.abs(value - expected * scale) / value)) }
}

/** Inverse of libjpeg's jpeg_quality_scaling: 50 keeps the base table. */
function qualityOf(scale: number): number {
  const quality = scale <= 1 ? 100 - scale * 50 : 50 / scale
  return Math.max(1, Math.min(100, Math.round(quality)))
}

/** Piecewise linear through ascending points, level beyond its ends. */
export function interpolate(points: readonly (readonly [number, number])[], x: number): number {
  let previous = points[0] ?? [0, 0]
  for (const point of points) {
    if (x <= point[0]) {
      const span = point[0] - previous[0]
      return span === 0 ? point[1] : previous[1] + ((x - previous[0]) / span) * (point[1] - previous[1])
    }
    previous = point
  }
  return previous[1]
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
