import sharp from 'sharp'
import { finalEncoders, type QualityCodec, type RgbPixels } from '../../internal/codec/quality/index.ts'
import { decode } from './corpus.ts'
import type { Metric } from './metric.ts'

/** Qualities at which the true score and size of every image are taken, ascending. */
export const curveQualities: Record<QualityCodec, readonly number[]> = {
  mozjpeg: [25, 40, 52, 62, 70, 77, 83, 88, 92, 96],
  jpeg: [25, 40, 52, 62, 70, 77, 83, 88, 92, 96],
  webp: [25, 45, 60, 70, 78, 84, 89, 93, 96, 99],
  avif: [25, 36, 44, 50, 56, 62, 68, 74, 81, 90],
}

/** One final encode, and what became of the image. */
export interface Encoded {
  quality: number
  bytes: number
  /** SSIMULACRA2 of the whole image. */
  score: number
  decoded: RgbPixels
}

export async function encodeAndScore(
  metric: Metric,
  pixels: RgbPixels,
  codec: QualityCodec,
  quality: number,
): Promise<Encoded> {
  const encoded = await finalEncode(pixels, codec, quality)
  const decoded = await decode(encoded)
  return { quality, bytes: encoded.length, score: await metric.score(pixels, decoded), decoded }
}

export async function finalEncode(pixels: RgbPixels, codec: QualityCodec, quality: number): Promise<Buffer> {
  const raw = { width: pixels.width, height: pixels.height, channels: 3 as const }
  return await finalEncoders[codec](sharp(pixels.data, { raw }), quality, '4:2:0').toBuffer()
}
