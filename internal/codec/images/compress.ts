import { KompressorError } from '../../errors/index.ts'
import type { ImageOptions } from '../options.ts'
import type { CompressRequest } from '../request.ts'
import type { Reason } from '../result.ts'
import { decoding, type Subject } from './failure.ts'
import { type Finished, finishEncoded, finishKept } from './finish.ts'
import { encodeGainMap } from './gain-map-jpeg.ts'
import { encodeLossless, encodeNearLossless, type Look, lookFrom, sameAnimation } from './lossless.ts'
import { type Encoded, encodeLossy, lossyFormat, type Refusal, searchesQuality } from './lossy.ts'
import { type Candidate, planImage } from './plan.ts'
import { decodeRaster } from './raster.ts'
import { renderSource } from './render.ts'
import { type ImageHeader, inputInfo, readSource } from './source.ts'
import { type ImageTask, imageTask, originalQualifies } from './task.ts'

/** Lossy after lossy must save at least a tenth: less is the second coder's damage with nothing for it. */
const recompressionGain = 0.9

/**
 * Compresses one image file, and decides whether the result is worth having: never bigger, never below `minScore`
 * where a score is measured, `minSavingsPercent` or the original. Everything but the CPU time of the result.
 *
 * Rejects with `too_many_pixels`, `truncated_input`, `corrupt_input`, `max_bytes_unreachable`, `codec_out_of_memory`,
 * or `storage_full`.
 */
export async function compressImage(
  request: CompressRequest,
  subject: Subject,
  header: ImageHeader,
  options: ImageOptions,
): Promise<Finished> {
  const source = await readSource(subject, header, request.limits.maxPixels)
  if ('undecodable' in source) return { outcome: 'skipped', reason: 'unsupported_image', outputs: [] }
  const task = imageTask(request, source, options)
  const finished = await decide(task)
  return { ...finished, input: inputInfo(source) }
}

async function decide(task: ImageTask): Promise<Finished> {
  const plan = planImage(task)
  if (plan.kind === 'keep') return await finishKept(task, plan.reason)
  const look = await lookAt(task, plan.kind === 'look' ? 'needed' : plan.candidates)
  const candidates =
    plan.kind === 'encode' ? plan.candidates : look === undefined ? [] : plan.candidates(look.content)
  const refusals = new Set<Refusal>()
  let best: { encoded: Encoded; candidate: Candidate } | undefined
  for (const candidate of candidates) {
    const encoded = await encodeCandidate(task, candidate, look)
    if (typeof encoded === 'string') refusals.add(encoded)
    else if (encoded === undefined) continue
    else if (encoded.bytes.length > task.maxBytes) refusals.add('too_many_bytes')
    else if (best === undefined || encoded.bytes.length < best.encoded.bytes.length)
      best = { encoded, candidate }
  }
  const lastResort: Candidate = { format: 'webp', coding: 'lossy' }
  if (best === undefined && mayTurnLossy(task, candidates)) {
    const encoded = await encodeCandidate(task, lastResort, look)
    if (typeof encoded === 'string') refusals.add(encoded)
    else if (encoded !== undefined) best = { encoded, candidate: lastResort }
  }
  if (best === undefined) return await nothingFits(task, refusals)
  const reason = notWorthIt(task, best.encoded, best.candidate)
  return reason === undefined ? await finishEncoded(task, best.encoded) : await finishKept(task, reason)
}

/** Auto prefers lossless for graphics; when that cannot fit in `maxBytes`, fitting comes first. */
function mayTurnLossy(task: ImageTask, candidates: readonly Candidate[]): boolean {
  return (
    task.options.format === 'Auto' &&
    task.source.frames === 1 &&
    !originalQualifies(task) &&
    candidates.some(({ format, coding }) => format === 'webp' && coding !== 'lossy')
  )
}

/** Decodes the pixels when anything is decided by them. An 8-bit view of 16-bit pixels would decide wrongly. */
async function lookAt(
  task: ImageTask,
  candidates: 'needed' | readonly Candidate[],
): Promise<Look | undefined> {
  const { source } = task
  const needed =
    candidates === 'needed' ||
    candidates.some(({ format, coding }) =>
      coding === 'lossy'
        ? searchesQuality(task)
        : format === 'png' && !source.wide && !(source.grey && source.hasAlpha),
    )
  if (!needed) return undefined
  const raster = await decoding(source, () => decodeRaster(renderSource(task, 'raw')))
  return lookFrom(raster)
}

async function encodeCandidate(
  task: ImageTask,
  { format, coding }: Candidate,
  look: Look | undefined,
): Promise<Encoded | Refusal | undefined> {
  switch (coding) {
    case 'gain-map':
      return await encodeGainMap(task)
    case 'near-lossless':
      return look && (await encodeNearLossless(task, look))
    case 'lossless':
      if (format === 'jpeg' || format === 'avif')
        throw new KompressorError('internal', `${format} is lossy here`)
      return await encodeLossless(task, format, look)
    case 'lossy': {
      const encoded = await encodeLossy(task, lossyFormat(format), look?.raster)
      const animation = typeof encoded !== 'string' && task.source.frames > 1
      return animation && !(await sameAnimation(task, encoded.bytes)) ? undefined : encoded
    }
  }
}

/** No candidate may be used: the original stays if it meets the limits, otherwise they cannot be met. */
async function nothingFits(task: ImageTask, refusals: ReadonlySet<Refusal>): Promise<Finished> {
  const { source, options, request } = task
  const withinMaxBytes = source.bytes <= (options.maxBytes ?? Number.POSITIVE_INFINITY)
  if (!withinMaxBytes) {
    throw new KompressorError(
      'max_bytes_unreachable',
      `${request.name} cannot be made to fit ${options.maxBytes} bytes at a permitted quality; resize it or allow more`,
    )
  }
  if (source.gainMap !== undefined) return await finishKept(task, 'gain_map')
  return await finishKept(task, refusals.has('below_min_score') ? 'below_min_score' : 'savings_below_minimum')
}

/** Why the original is better than this output; undefined when it is not, or may not stay. */
function notWorthIt(task: ImageTask, { bytes }: Encoded, { coding }: Candidate): Reason | undefined {
  if (!originalQualifies(task)) return undefined
  const { source, options, request } = task
  const twice = source.lossy && coding === 'lossy' && options.quality === undefined
  if (twice && bytes.length > source.bytes * recompressionGain) return 'already_compressed'
  const largest = Math.min(source.bytes - 1, source.bytes * (1 - request.options.minSavingsPercent / 100))
  return bytes.length > largest ? 'savings_below_minimum' : undefined
}
