import { stat } from 'node:fs/promises'
import { KompressorError, toKompressorError } from '../errors/index.ts'
import { compressData } from './data/index.ts'
import { type Detected, detect } from './detect/index.ts'
import { compressImage } from './images/index.ts'
import type { CompressRequest } from './request.ts'
import type { Compressed, Reason } from './result.ts'

/**
 * Compresses one file: what a child process of the pool runs. The content decides what the file is. Outputs go to
 * `request.outputDir`; after a rejection the caller empties it.
 *
 * Rejects with `empty_file`, `file_too_large`, `input_missing`, `too_many_pixels`, `truncated_input`, `corrupt_input`,
 * `max_bytes_unreachable`, `verification_failed`, `codec_out_of_memory`, `storage_full`, `cancelled` (data only: an
 * image is not interruptible) or `internal`; the message names the file.
 */
export async function compressFile(request: CompressRequest, signal?: AbortSignal): Promise<Compressed> {
  const cpu = process.cpuUsage()
  const bytesIn = await checkedSize(request)
  const detected = await detect(request.input)
  const { options } = request
  if (detected.class === 'data') {
    if (options.data !== undefined) return await compressData(request, signal)
    return skipped('class_not_selected', 'application/octet-stream', bytesIn)
  }
  if (options.images === undefined) return skipped('class_not_selected', detected.type, bytesIn)
  if (detected.class === 'unsupported_image') return skipped('unsupported_image', detected.type, bytesIn)
  const finished = await image(request, detected, options.images)
  const { user, system } = process.cpuUsage(cpu)
  const [output] = finished.outputs
  return {
    ...finished,
    type: detected.type,
    bytesIn,
    bytesOut: finished.outcome === 'compressed' && output ? output.bytes : bytesIn,
    cpuMs: (user + system) / 1000,
  }
}

async function checkedSize({ input, name, limits }: CompressRequest): Promise<number> {
  const { size } = await stat(input).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw toKompressorError(error, missing ? 'input_missing' : 'internal')
  })
  if (size === 0) throw new KompressorError('empty_file', `${name} has no bytes`)
  if (size > limits.maxBytes) {
    throw new KompressorError('file_too_large', `${name} has ${size} bytes; the limit is ${limits.maxBytes}`)
  }
  return size
}

async function image(
  request: CompressRequest,
  { format }: Extract<Detected, { class: 'image' }>,
  options: NonNullable<CompressRequest['options']['images']>,
) {
  const { name, input: path } = request
  return await compressImage(request, { name, path, format }, options)
}

function skipped(reason: Reason, type: string, bytesIn: number): Compressed {
  return { outcome: 'skipped', reason, type, bytesIn, bytesOut: bytesIn, cpuMs: 0, outputs: [] }
}
