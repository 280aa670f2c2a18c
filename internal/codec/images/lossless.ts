import sharp from 'sharp'
import { measureScore } from '../quality/index.ts'
import { type Content, examineContent } from './content.ts'
import { type Encoding, encodeImage } from './encode.ts'
import { decoding } from './failure.ts'
import type { Encoded } from './lossy.ts'
import { decodeRaster, looksEqual, type Raster, toRgb } from './raster.ts'
import { renderSource } from './render.ts'
import type { ImageTask } from './task.ts'

/** Above this a second and third try at a PNG cost more than they are likely to save. */
const thoroughPixels = 2_000_000

/** The smallest of the ways to write the image without loss, or undefined when none came out right. */
export async function encodeLossless(
  task: ImageTask,
  format: 'png' | 'webp' | 'gif' | 'tiff',
  look: Look | undefined,
): Promise<Encoded | undefined> {
  switch (format) {
    case 'png':
      return await smallestPng(task, look)
    case 'webp':
      return await webp(task, look)
    case 'gif':
      return await gif(task)
    case 'tiff':
      return { format, bytes: await encodeImage(task, { format }) }
  }
}

/** Pixels and what they show; absent when the pixels do not fit 8 bits. */
export interface Look {
  readonly raster: Raster
  readonly content: Content
}

/** Examines the pixels when first asked: a photograph on its way to one lossy format never is. */
export function lookFrom(raster: Raster): Look {
  let content: Content | undefined
  return {
    raster,
    get content() {
      content ??= examineContent(raster)
      return content
    },
  }
}

async function smallestPng(task: ImageTask, look: Look | undefined): Promise<Encoded | undefined> {
  let smallest: Buffer | undefined
  for (const { palette, ...encoding } of pngEncodings(task, look)) {
    const bytes = await encodeImage(task, { ...encoding, ...(palette && { palette }) }, look?.raster)
    if (smallest !== undefined && bytes.length >= smallest.length) continue
    // The quantiser is exact for up to 256 colours as a rule; a promise needs more than a rule.
    if (palette && look && !looksEqual(look.raster, await decodeRaster(sharp(bytes)))) continue
    smallest = bytes
  }
  return smallest && { format: 'png', bytes: smallest }
}

type PngEncoding = Extract<Encoding, { format: 'png' }>

/** Filters pay on photographs and cost on flat colour; a palette beats both where it is possible. */
function pngEncodings({ options, size }: ImageTask, look: Look | undefined): PngEncoding[] {
  const filtered: PngEncoding = { format: 'png', level: 6, adaptive: true }
  const thorough: PngEncoding = { format: 'png', level: 9, adaptive: true }
  const plain: PngEncoding = { format: 'png', level: 9, adaptive: false }
  const small = size.width * size.height <= thoroughPixels
  if (look === undefined) {
    return options.preset === 'Fast' ? [filtered] : small ? [filtered, thorough, plain] : [filtered]
  }
  const { colours, graphic, grey } = look.content
  const shades = { grey: grey && look.content.opaque }
  const palette: PngEncoding[] = colours <= 256 ? [{ ...plain, palette: true }] : []
  const truecolour = (): PngEncoding[] => {
    if (options.preset === 'Fast') return [filtered]
    if (options.preset === 'Small') return [thorough, plain]
    return graphic ? [thorough, plain] : [filtered]
  }
  return [...palette, ...truecolour().map((encoding) => ({ ...encoding, ...shades }))]
}

async function webp(task: ImageTask, look: Look | undefined): Promise<Encoded | undefined> {
  const bytes = await encodeImage(task, { format: 'webp', lossless: true }, look?.raster)
  if (task.source.frames > 1 && !(await sameAnimation(task, bytes))) return undefined
  return { format: 'webp', bytes }
}

/**
 * WebP joins frames that look the same into one that lasts as long. That is the same animation; a still image, another
 * length or another number of plays is not.
 */
export async function sameAnimation({ source }: ImageTask, bytes: Buffer): Promise<boolean> {
  const {
    pages = 1,
    loop,
    delay = [],
  } = await sharp(bytes, { animated: true, limitInputPixels: false }).metadata()
  const { animation } = source
  if (animation === undefined || pages < 2) return false
  return loop === animation.loop && total(delay) === total(animation.delay)
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** libvips quantises every frame anew. Mostly that returns the same colours; when it does not, the original stays. */
async function gif(task: ImageTask): Promise<Encoded | undefined> {
  const bytes = await encodeImage(task, { format: 'gif' })
  if (task.resized) return { format: 'gif', bytes }
  const before = await decoding(task.source, () => decodeRaster(renderSource(task, 'raw')))
  const after = await decodeRaster(sharp(bytes, { animated: true, limitInputPixels: false }))
  return looksEqual(before, after) ? { format: 'gif', bytes } : undefined
}

/** Near-lossless WebP with its measured score, or undefined below `minScore`. */
export async function encodeNearLossless(task: ImageTask, { raster }: Look): Promise<Encoded | undefined> {
  const bytes = await encodeImage(task, { format: 'webp', nearLossless: true }, raster)
  const score = measureScore({ reference: toRgb(raster), candidate: toRgb(await decodeRaster(sharp(bytes))) })
  return score < task.options.minScore ? undefined : { format: 'webp', bytes, score }
}
