import type { ImageFormatName } from '../detect/index.ts'
import { interpolate } from './jpeg-quality.ts'

/** [score, quality]: what the search finds for the median photograph, for Fast and for animations. */
const qualities: Record<'jpeg' | 'webp' | 'avif', readonly (readonly [number, number])[]> = {
  jpeg: [
    [30, 20],
    [65, 59],
    [75, 77],
    [85, 87],
    [95, 97],
  ],
  webp: [
    [30, 15],
    [65, 61],
    [75, 82],
    [85, 92],
    [95, 99],
  ],
  avif: [
    [30, 20],
    [65, 52],
    [75, 63],
    [85, 80],
    [95, 92],
  ],
}

/** The one quality number that reaches `score` on most photographs. Others end up to 10 points above or below. */
export function fixedQuality(format: ImageFormatName, score: number): number {
  const points =
    format === 'jpeg' || format === 'webp' || format === 'avif' ? qualities[format] : qualities.jpeg
  return Math.round(interpolate(points, score))
}
