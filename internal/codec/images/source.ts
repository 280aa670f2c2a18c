import sharp, { type Metadata } from 'sharp'
import { KompressorError } from '../../errors/index.ts'
import { mediaTypes } from '../detect/index.ts'
import type { InputInfo } from '../result.ts'
import { decoding, type Subject } from './failure.ts'
import { findGainMap } from './gain-map.ts'
import { type JpegHeader, readJpegHeader } from './jpeg-header.ts'
import { estimateJpegQuality } from './jpeg-quality.ts'
import { isTruncated } from './truncation.ts'
import { webpIsLossy } from './webp-container.ts'

/** Everything decisions need to know about an input image, from its header. */
export interface ImageSource extends Subject {
  bytes: number
  type: string
  /** As displayed, of one frame. */
  width: number
  height: number
  frames: number
  /** An alpha channel; it may still be opaque everywhere. */
  hasAlpha: boolean
  /** More than 8 bits a channel. */
  wide: boolean
  grey: boolean
  cmyk: boolean
  /** EXIF orientation, 1-8. */
  orientation: number
  /** Its own coding has already lost something. */
  lossy: boolean
  /** Estimated score against what a JPEG was encoded from, and its quality number. */
  jpeg?: { quality: number; score: number }
  /** `decodable`: sharp can carry it over; `opaque`: it is there, but only the untouched file keeps it. */
  gainMap?: 'decodable' | 'opaque'
  /** Plays (0: for ever) and milliseconds a frame; of animations only. */
  animation?: { loop: number; delay: readonly number[] }
  exif?: Buffer
  xmp?: Buffer
  icc?: Buffer
  iptc?: Buffer
  texts?: readonly { keyword: string; text: string }[]
}

/** What was read of a file before anything is decided about it. */
export interface ImageHeader {
  /** Of the file. */
  bytes: number
  jpeg?: JpegHeader
  metadata?: Metadata | 'pages differ'
}

/** An image that is recognised but would lose something here: the caller skips it. */
export interface Undecodable {
  undecodable: string
}

/**
 * Describes an image by its header, reading what is not known of it. Rejects with `too_many_pixels` (all frames count),
 * `truncated_input` or `corrupt_input`. No pixel is decoded, so a decompression bomb costs nothing.
 */
export async function readSource(
  subject: Subject,
  { bytes, jpeg, metadata: known }: ImageHeader,
  maxPixels: number,
): Promise<ImageSource | Undecodable> {
  const { path, format, name } = subject
  const animated = isMultiPage(format)
  const metadata = known ?? (await readMetadata(subject))
  if (metadata === 'pages differ') return { undecodable: 'a TIFF with pages of different sizes' }
  if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort') {
    return { undecodable: `an image of ${metadata.depth} samples` }
  }
  const frames = animated ? (metadata.pages ?? 1) : 1
  const pixels =
    metadata.width * (frames > 1 ? (metadata.pageHeight ?? metadata.height) : metadata.height) * frames
  if (pixels > maxPixels) {
    throw new KompressorError(
      'too_many_pixels',
      `${name} has ${megapixels(pixels)} megapixels${frames > 1 ? ` in ${frames} frames` : ''}; the limit is ${megapixels(maxPixels)}`,
    )
  }
  // The decoder paints what there is of a cut GIF and calls it done.
  if (format === 'gif' && (await isTruncated(path, format))) {
    throw new KompressorError('truncated_input', `${name} ends before its GIF data does; transfer it again`)
  }
  if (frames > 1 && (metadata.orientation ?? 1) > 1)
    return { undecodable: 'an animation with an orientation' }
  return {
    ...described(subject, metadata, frames),
    bytes,
    ...(await codingOf(subject, metadata, jpeg)),
  }
}

/** Multi-page decoding needs pages of one size; AVIF shows its primary image alone, whatever else it holds. */
function isMultiPage(format: Subject['format']): boolean {
  return format === 'gif' || format === 'webp' || format === 'tiff'
}

/** What sharp reads in an image's header, whatever its pixels. Rejects with the codes of `decoding`. */
export async function readMetadata(subject: Subject): Promise<Metadata | 'pages differ'> {
  const animated = isMultiPage(subject.format)
  return await decoding(subject, async () => {
    try {
      return await sharp(subject.path, { animated, limitInputPixels: false }).metadata()
    } catch (error) {
      if (
        error instanceof Error &&
        /not all pages are the same size|pages (?:differ|have)/i.test(error.message)
      ) {
        return 'pages differ'
      }
      throw error
    }
  })
}

function described(
  subject: Subject,
  metadata: Metadata,
  frames: number,
): Omit<ImageSource, 'bytes' | 'lossy'> {
  const { exif, xmp, icc, iptc, comments, loop, delay, pageHeight } = metadata
  const { width, height } = frames > 1 ? metadata : metadata.autoOrient
  return {
    ...subject,
    type: mediaTypes[subject.format],
    width,
    height: frames > 1 ? (pageHeight ?? height) : height,
    frames,
    hasAlpha: metadata.hasAlpha,
    wide: metadata.depth === 'ushort',
    grey: metadata.space === 'b-w' || metadata.space === 'grey16',
    cmyk: metadata.space === 'cmyk',
    orientation: metadata.orientation ?? 1,
    ...(frames > 1 && delay && { animation: { loop: loop ?? 0, delay } }),
    ...(exif && { exif }),
    ...(xmp && { xmp }),
    ...(icc && { icc }),
    ...(iptc && { iptc }),
    ...(comments && { texts: comments }),
  }
}

/** How the pixels are stored: what has been lost already, and what hangs on to them. */
async function codingOf(
  { path, format }: Subject,
  metadata: Metadata,
  jpeg: JpegHeader | undefined,
): Promise<Pick<ImageSource, 'lossy' | 'jpeg' | 'gainMap'>> {
  if (format === 'webp') return { lossy: await webpIsLossy(path) }
  if (format !== 'jpeg') return { lossy: format === 'avif' }
  const header = jpeg ?? (await readJpegHeader(path))
  const gainMap = metadata.gainMap
    ? 'decodable'
    : header.multiPicture && (await findGainMap(path))
      ? 'opaque'
      : undefined
  return {
    lossy: true,
    ...(header.luma && { jpeg: estimateJpegQuality(header.luma) }),
    ...(gainMap && { gainMap }),
  }
}

export function inputInfo({ width, height, frames, hasAlpha }: ImageSource): InputInfo {
  return { width, height, frames, hasAlpha }
}

function megapixels(pixels: number): string {
  return (pixels / 1e6).toFixed(1)
}
