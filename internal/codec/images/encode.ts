import type { Sharp } from 'sharp'
import type { ImageFormatName } from '../detect/index.ts'
import { type Chroma, finalEncoders } from '../quality/index.ts'
import { decoding } from './failure.ts'
import { needsSource, writeAround, writeBySharp } from './metadata.ts'
import { fromRaster, type Raster } from './raster.ts'
import { renderSource } from './render.ts'
import type { ImageTask } from './task.ts'

/** One way to write one format. */
export type Encoding =
  | { format: 'jpeg'; quality: number; chroma?: Chroma }
  | { format: 'webp'; lossless: true }
  | { format: 'webp'; nearLossless: true }
  | { format: 'webp' | 'avif'; quality: number }
  | { format: 'png'; level: 6 | 9; adaptive: boolean; palette?: boolean; grey?: boolean }
  | { format: 'gif' }
  | { format: 'tiff' }

/** CPU spent on lossy WebP by preset; 4 is what the quality search predicts. */
const webpEffort = { Fast: 2, Balanced: 4, Small: 6 } as const
/** Lossless WebP gains nothing from efforts between 2 and 5. */
const webpLosslessEffort = { Fast: 0, Balanced: 2, Small: 6 } as const
/** AVIF at effort 4 takes 30 times the CPU of effort 0, so Small spends it on small images only. */
const avifPatientPixels = 1_000_000
/** libwebp's preprocessing strength: 60 changes the least significant bits of noisy areas. */
const nearLosslessLevel = 60

/**
 * Encodes a task's image. Starts from `raster` when it is given, so that nothing is decoded twice, and from the source
 * otherwise. Pixels are upright, resized and in the output's colours; metadata follows the policy. Rejects with the
 * codes of `decoding`.
 */
export async function encodeImage(task: ImageTask, encoding: Encoding, raster?: Raster): Promise<Buffer> {
  const { source, options } = task
  const { format } = encoding
  const still = source.frames === 1 && !needsSource(source, options.metadata, format)
  const image = raster !== undefined && still ? fromRaster(raster) : renderSource(task, format)
  const written = writeBySharp(applyEncoding(image, encoding, task), source, options.metadata, format)
  const file = await decoding(source, () => written.toBuffer())
  return await writeAround(file, source, options.metadata, format)
}

function applyEncoding(image: Sharp, encoding: Encoding, { options, size, source }: ImageTask): Sharp {
  const { preset } = options
  switch (encoding.format) {
    case 'jpeg': {
      const { quality, chroma = '4:2:0' } = encoding
      // JPEG has no transparency. Only an explicit request gets here with some: it sees white, like paper.
      const opaque = source.hasAlpha ? image.flatten({ background: '#ffffff' }) : image
      const encoder = preset === 'Fast' ? finalEncoders.jpeg : finalEncoders.mozjpeg
      return encoder(opaque, quality, chroma)
    }
    case 'webp':
      if ('lossless' in encoding) {
        return image.webp({ lossless: true, effort: webpLosslessEffort[preset] })
      }
      if ('nearLossless' in encoding) {
        return image.webp({
          nearLossless: true,
          quality: nearLosslessLevel,
          effort: webpLosslessEffort[preset],
        })
      }
      return image.webp({ quality: encoding.quality, effort: webpEffort[preset] })
    case 'avif': {
      const patient = size.width * size.height <= avifPatientPixels ? 4 : 2
      return image.avif({ quality: encoding.quality, effort: preset === 'Small' ? patient : 0 })
    }
    case 'png': {
      const { level, adaptive, palette = false, grey = false } = encoding
      const coloured = grey ? image.toColourspace('b-w') : image
      return coloured.png({
        compressionLevel: level,
        adaptiveFiltering: adaptive,
        ...(palette && { palette, dither: 0 }),
      })
    }
    case 'gif':
      // A palette of each frame's own, no tolerance, nothing merged: the decoded frames come out as they went in.
      return image.gif({
        reuse: false,
        interPaletteMaxError: 0,
        interFrameMaxError: 0,
        dither: 0,
        keepDuplicateFrames: true,
      })
    case 'tiff':
      return image.tiff({ compression: 'deflate', predictor: 'horizontal' })
  }
}

/** Extension of a format's files. */
export const extensions: Record<ImageFormatName, string> = {
  jpeg: '.jpg',
  png: '.png',
  webp: '.webp',
  avif: '.avif',
  gif: '.gif',
  tiff: '.tiff',
}
