import type { ImageFormatName } from '../detect/index.ts'
import type { Reason } from '../result.ts'
import type { Content } from './content.ts'
import { type ImageTask, originalQualifies } from './task.ts'

/**
 * `lossless` keeps every visible pixel, `near-lossless` changes them by a few levels where nobody looks, `lossy` has
 * a quality, `gain-map` is a JPEG with its HDR gain map re-encoded beside it.
 */
export type Coding = 'lossy' | 'lossless' | 'near-lossless' | 'gain-map'

export interface Candidate {
  format: ImageFormatName
  coding: Coding
}

/** Everything is decided by the header, by the pixels as well, or the original stays for a reason. */
export type Plan =
  | { kind: 'keep'; reason: Reason }
  | { kind: 'encode'; candidates: readonly Candidate[] }
  | { kind: 'look'; candidates: (content: Content) => readonly Candidate[] }

/** Longest side each format can store. */
const longestSide: Record<ImageFormatName, number> = {
  jpeg: 65_535,
  png: Number.POSITIVE_INFINITY,
  webp: 16_383,
  avif: 16_384,
  gif: 65_535,
  tiff: Number.POSITIVE_INFINITY,
}

/** AVIF takes 36 bytes a pixel while it encodes; beyond this Auto prefers WebP. */
const autoAvifPixels = 16_000_000

/** A JPEG whose own score is no more than this above the target has nothing left to give: for 75, libjpeg's 75. */
const scoreMargin = 2.5

/** What to try for an image. Pure: the header and the options decide, never the clock or the machine. */
export function planImage(task: ImageTask): Plan {
  const { source, options } = task
  const stay = originalQualifies(task)
  if (source.gainMap !== undefined) return planGainMap(task)
  // More than 8 bits of AVIF usually mean HDR, whose transfer function an 8-bit output would not carry.
  if (source.format === 'avif' && source.wide) return keep('already_compressed')
  if (stay && alreadyCompressed(task)) return keep('already_compressed')
  if (source.frames > 1) return planAnimation(task)
  const format = asked(task)
  if (options.format === 'Auto') return planAuto(task)
  // Lossless pixels of a lossy image are larger in every format.
  if (format === 'png' && source.lossy && source.format !== 'png' && stay)
    return keep('savings_below_minimum')
  if (format === 'webp' && !source.lossy && options.quality === undefined) {
    if (source.format === 'webp') return encode({ format, coding: 'lossless' })
    return {
      kind: 'look',
      candidates: ({ graphic }) =>
        graphic
          ? [
              { format, coding: 'lossless' },
              { format, coding: 'lossy' },
            ]
          : [{ format, coding: 'lossy' }],
    }
  }
  return encode({ format, coding: isLossy(format) ? 'lossy' : 'lossless' })
}

/** The format asked for, or the source's own when the asked one cannot hold the image. */
function asked({ source, options, size }: ImageTask): ImageFormatName {
  const names = {
    Keep: source.format,
    Auto: source.format,
    JPEG: 'jpeg',
    WebP: 'webp',
    AVIF: 'avif',
    PNG: 'png',
  } as const
  const format = names[options.format]
  return Math.max(size.width, size.height) > longestSide[format] ? source.format : format
}

/**
 * At or below what is asked for: a JPEG by its quantisation table. With a fixed quality that means a table as coarse
 * as the one it would get, and only a JPEG output is comparable.
 */
function alreadyCompressed(task: ImageTask): boolean {
  const { source, options, target } = task
  if (source.jpeg === undefined) return false
  if (options.quality === undefined) return source.jpeg.score <= target + scoreMargin
  return asked(task) === 'jpeg' && options.format !== 'Auto' && source.jpeg.quality <= options.quality
}

function planGainMap(task: ImageTask): Plan {
  const { source, options } = task
  const staysJpeg = options.format === 'Keep' || options.format === 'JPEG' || options.format === 'Auto'
  if (source.gainMap === 'opaque' || !staysJpeg) return keep('gain_map')
  if (originalQualifies(task) && alreadyCompressed(task)) return keep('already_compressed')
  return encode({ format: 'jpeg', coding: 'gain-map' })
}

/** Animations stay animated: WebP is the only other format here that moves. Pages of a TIFF stay together. */
function planAnimation({ source, options, size }: ImageTask): Plan {
  const toWebp =
    (options.format === 'WebP' || options.format === 'Auto') &&
    Math.max(size.width, size.height) <= longestSide.webp
  if (source.format === 'gif' && toWebp) {
    return encode({ format: 'webp', coding: 'lossless' }, { format: 'webp', coding: 'lossy' })
  }
  return encode({ format: source.format, coding: source.lossy ? 'lossy' : 'lossless' })
}

function planAuto(task: ImageTask): Plan {
  const { source } = task
  if (source.lossy) {
    const format = source.hasAlpha ? source.format : photoFormat(task)
    return encode({ format, coding: 'lossy' })
  }
  // 16 bits are there for a reason, and only these two formats keep them.
  if (source.wide) return encode({ format: source.format === 'tiff' ? 'tiff' : 'png', coding: 'lossless' })
  const fitsWebp = Math.max(task.size.width, task.size.height) <= longestSide.webp
  const still: ImageFormatName = fitsWebp ? 'webp' : 'png'
  return {
    kind: 'look',
    candidates({ graphic, opaque }) {
      if (!graphic && opaque) return [{ format: photoFormat(task), coding: 'lossy' }]
      if (!graphic && fitsWebp) return [{ format: 'webp', coding: 'near-lossless' }]
      return [{ format: still, coding: 'lossless' }]
    },
  }
}

/** The smallest format for photographs that the preset can pay for. */
function photoFormat({ options, size }: ImageTask): ImageFormatName {
  const longest = Math.max(size.width, size.height)
  const affordable = options.preset !== 'Fast' && size.width * size.height <= autoAvifPixels
  if (affordable && longest <= longestSide.avif) return 'avif'
  return longest <= longestSide.webp ? 'webp' : 'jpeg'
}

function isLossy(format: ImageFormatName): boolean {
  return format === 'jpeg' || format === 'webp' || format === 'avif'
}

function keep(reason: Reason): Plan {
  return { kind: 'keep', reason }
}

function encode(...candidates: Candidate[]): Plan {
  return { kind: 'encode', candidates }
}
