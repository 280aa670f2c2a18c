import { KompressorError } from '../../errors/index.ts'
import type { ImageFormatName } from '../detect/index.ts'
import {
  type Chroma,
  findQuality,
  predictScore,
  type QualityCodec,
  type RgbPixels,
} from '../quality/index.ts'
import { type Encoding, encodeImage } from './encode.ts'
import { fixedQuality } from './fixed-quality.ts'
import { type Raster, toRgb } from './raster.ts'
import type { ImageTask } from './task.ts'

export type LossyFormat = 'jpeg' | 'webp' | 'avif'

/** A finished output that may still turn out to be of no use. */
export interface Encoded {
  format: ImageFormatName
  bytes: Buffer
  quality?: number
  /** Estimated SSIMULACRA2 score; absent when nothing was measured. */
  score?: number
}

/** Why there is no output. */
export type Refusal = 'below_min_score' | 'too_many_bytes'

interface Setting {
  quality: number
  chroma: Chroma
  score?: number
}

const maxProbes = 6

/** Whether the quality comes from the pixels: neither fixed nor, in the Fast preset, from a table. */
export function searchesQuality({ options, source }: ImageTask): boolean {
  return options.quality === undefined && options.preset !== 'Fast' && source.frames === 1
}

/** One lossy output in `format`. `raster` must be given when `searchesQuality`. */
export async function encodeLossy(
  task: ImageTask,
  format: LossyFormat,
  raster?: Raster,
): Promise<Encoded | Refusal> {
  const pixels = raster !== undefined && searchesQuality(task) ? toRgb(raster) : undefined
  const setting = await chooseSetting(task, format, pixels)
  if (setting === 'below_min_score') return setting
  const bytes = await encodeAt(task, format, setting, raster)
  if (bytes.length > task.maxBytes) return await fitBytes(task, format, setting, pixels, raster)
  const { quality, score } = setting
  return { format, bytes, quality, ...(score !== undefined && { score }) }
}

async function chooseSetting(
  { options, target }: ImageTask,
  format: LossyFormat,
  pixels: RgbPixels | undefined,
): Promise<Setting | 'below_min_score'> {
  if (pixels === undefined) {
    return { quality: options.quality ?? fixedQuality(format, target), chroma: '4:2:0' }
  }
  const found = await findQuality({ pixels, codec: codecOf(format), target })
  let setting: Setting = { quality: found.quality, score: found.score, chroma: '4:2:0' }
  // Coloured edges never recover from halved colour resolution, at any quality.
  if (found.saturated && format === 'jpeg') {
    const full = await findQuality({ pixels, codec: 'mozjpeg', target, chroma: '4:4:4' })
    if (full.score > found.score) setting = { quality: full.quality, score: full.score, chroma: '4:4:4' }
  }
  return (setting.score ?? 0) < options.minScore ? 'below_min_score' : setting
}

/** The highest quality of at most six that fits, below the one that does not. */
async function fitBytes(
  task: ImageTask,
  format: LossyFormat,
  above: Setting,
  pixels: RgbPixels | undefined,
  raster: Raster | undefined,
): Promise<Encoded | Refusal> {
  let low = 0
  let high = above.quality
  let best: { bytes: Buffer; quality: number } | undefined
  for (let probe = 0; probe < maxProbes && high - low > 1; probe++) {
    const quality = Math.floor((low + high) / 2)
    const bytes = await encodeAt(task, format, { ...above, quality }, raster)
    if (bytes.length <= task.maxBytes) {
      best = { bytes, quality }
      low = quality
    } else {
      high = quality
    }
  }
  if (best === undefined) return 'too_many_bytes'
  if (pixels === undefined) return { format, ...best }
  const { chroma } = above
  const score = await predictScore({ pixels, codec: codecOf(format), quality: best.quality, chroma })
  return score < task.options.minScore ? 'too_many_bytes' : { format, ...best, score }
}

async function encodeAt(
  task: ImageTask,
  format: LossyFormat,
  { quality, chroma }: Setting,
  raster: Raster | undefined,
): Promise<Buffer> {
  const encoding: Encoding = format === 'jpeg' ? { format, quality, chroma } : { format, quality }
  return await encodeImage(task, encoding, raster)
}

function codecOf(format: LossyFormat): QualityCodec {
  return format === 'jpeg' ? 'mozjpeg' : format
}

/** Narrows a format that a plan calls lossy; anything else is our own mistake. */
export function lossyFormat(format: ImageFormatName): LossyFormat {
  if (format === 'jpeg' || format === 'webp' || format === 'avif') return format
  throw new KompressorError('internal', `${format} has no lossy coding here`)
}
