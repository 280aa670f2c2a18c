import sharp, { type Sharp } from 'sharp'
import { KompressorError } from '../../errors/index.ts'
import { measureScore } from '../quality/index.ts'
import { decoding } from './failure.ts'
import { fixedQuality } from './fixed-quality.ts'
import type { Encoded, Refusal } from './lossy.ts'
import { searchesQuality } from './lossy.ts'
import { decodeRaster, toRgb } from './raster.ts'
import { renderSource } from './render.ts'
import { collectRights } from './rights.ts'
import type { ImageTask } from './task.ts'

/** Qualities tried in turn until the base image scores as asked. */
const ladder = [70, 78, 84, 89, 93]

/**
 * A JPEG whose HDR gain map is re-encoded beside it. The library that writes these offers a quality and nothing else,
 * so the score is measured on the whole output instead of predicted. Undefined when the map did not survive.
 */
export async function encodeGainMap(task: ImageTask): Promise<Encoded | Refusal | undefined> {
  const qualities = searchesQuality(task)
    ? ladder
    : [task.options.quality ?? fixedQuality('jpeg', task.target)]
  const reference = searchesQuality(task) ? toRgb(await baseImage(task)) : undefined
  let last: Encoded | undefined
  for (const quality of qualities) {
    const bytes = await encodeAt(task, quality)
    if ((await sharp(bytes).metadata()).gainMap === undefined) return undefined
    if (bytes.length > task.maxBytes) return last ?? 'too_many_bytes'
    if (reference === undefined) return { format: 'jpeg', bytes, quality }
    const candidate = toRgb(await decodeRaster(sharp(bytes, { ignoreIcc: true })))
    const score = measureScore({ reference, candidate, codec: 'jpeg' })
    last = { format: 'jpeg', bytes, quality, score }
    if (score >= task.target) return last
  }
  return last !== undefined && (last.score ?? 0) >= task.options.minScore ? last : 'below_min_score'
}

/** The map describes the base image in its own colours, so the profile stays under every policy. */
async function encodeAt({ source, options, size, resized }: ImageTask, quality: number): Promise<Buffer> {
  let image = sharp(source.path, { limitInputPixels: false }).autoOrient()
  if (resized) image = image.resize({ ...size, fit: 'fill' })
  image = options.metadata === 'Keep' ? image.keepMetadata() : image.keepIccProfile()
  const { artist, copyright } = options.metadata === 'Copyright' ? collectRights(source) : {}
  if (artist !== undefined || copyright !== undefined) {
    image = image.withExif({
      IFD0: { ...(artist && { Artist: artist }), ...(copyright && { Copyright: copyright }) },
    })
  }
  const pipeline = keepGainMap(image)
  return await decoding(source, () => pipeline.jpeg({ quality }).toBuffer())
}

async function baseImage(task: ImageTask) {
  const kept: ImageTask = { ...task, options: { ...task.options, metadata: 'Keep' } }
  return await decoding(task.source, () => decodeRaster(renderSource(kept, 'raw')))
}

/** sharp has had the method since 0.35, experimental; its types do not know it. */
function keepGainMap(image: Sharp): Sharp {
  if (!hasKeepGainMap(image)) throw new KompressorError('internal', 'this sharp cannot keep gain maps')
  return image.keepGainMap()
}

function hasKeepGainMap(image: Sharp): image is Sharp & { keepGainMap(): Sharp } {
  return 'keepGainMap' in image && typeof image.keepGainMap === 'function'
}
