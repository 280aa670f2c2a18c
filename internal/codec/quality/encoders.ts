import sharp, { type Sharp } from 'sharp'
import type { Chroma, QualityCodec, RgbPixels } from './types.ts'

/**
 * The final encoders the model predicts. Use exactly these for the one encode after the search: another effort or
 * table has another score at the same quality.
 */
export const finalEncoders: Record<QualityCodec, (image: Sharp, quality: number, chroma: Chroma) => Sharp> = {
  mozjpeg: (image, quality, chroma) => image.jpeg({ quality, mozjpeg: true, chromaSubsampling: chroma }),
  // Entropy coding and progression change bytes, not pixels.
  jpeg: (image, quality, chroma) =>
    image.jpeg({ quality, quantisationTable: 3, progressive: true, chromaSubsampling: chroma }),
  webp: (image, quality) => image.webp({ quality, effort: 4 }),
  avif: (image, quality) => image.avif({ quality, effort: 0 }),
}

/**
 * What the tiles are encoded with. For JPEG a stand-in at a twentieth of the cost, whose difference the model's fit
 * absorbs. WebP's lower efforts differ from effort 4 by image, and AVIF has no lower one: these probe as they are.
 */
const probeEncoders: typeof finalEncoders = {
  mozjpeg: probeJpeg,
  jpeg: probeJpeg,
  webp: finalEncoders.webp,
  avif: finalEncoders.avif,
}

function probeJpeg(image: Sharp, quality: number, chroma: Chroma): Sharp {
  return image.jpeg({ quality, quantisationTable: 3, optimiseCoding: false, chromaSubsampling: chroma })
}

/** Encodes and decodes again: what the image looks like at this quality, as RGB. Rejects with sharp's own errors. */
export async function roundTrip(
  pixels: RgbPixels,
  codec: QualityCodec,
  quality: number,
  chroma: Chroma,
): Promise<Uint8Array> {
  const raw = { width: pixels.width, height: pixels.height, channels: 3 as const }
  const encoded = await probeEncoders[codec](sharp(pixels.data, { raw }), quality, chroma).toBuffer()
  return await sharp(encoded).raw().toBuffer()
}
