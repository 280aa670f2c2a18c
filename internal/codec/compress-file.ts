import { KompressorError } from '../errors/index.ts'
import { compressData } from './data/index.ts'
import type { Detected } from './detect/index.ts'
import { compressImage } from './images/index.ts'
import { type FirstLook, lookAt } from './look.ts'
import type { CompressRequest } from './request.ts'
import type { Compressed, Reason } from './result.ts'

export interface CompressFileOptions {
  signal?: AbortSignal | undefined
  /** What is known of the file already. It must not have changed since. */
  look?: FirstLook | undefined
}

/**
 * Compresses one file: what a child process of the pool runs. The content decides what the file is. Its output, if
 * there is one, goes to `request.output`; after a rejection the caller removes what is there.
 *
 * Rejects with `empty_file`, `file_too_large`, `input_missing`, `too_many_pixels`, `truncated_input`, `corrupt_input`,
 * `max_bytes_unreachable`, `verification_failed`, `codec_out_of_memory`, `storage_full`, `cancelled` (data only: an
 * image is not interruptible) or `internal`; the message names the file.
 */
export async function compressFile(
  request: CompressRequest,
  { signal, look: known }: CompressFileOptions = {},
): Promise<Compressed> {
  const cpu = process.cpuUsage()
  const look = known ?? (await lookAt(request))
  const { bytes: bytesIn, detected } = look
  checkSize(request, bytesIn)
  const { options } = request
  if (detected.class === 'data') {
    if (options.data !== undefined) return await compressData(request, signal)
    return skipped('class_not_selected', 'application/octet-stream', bytesIn)
  }
  if (options.images === undefined) return skipped('class_not_selected', detected.type, bytesIn)
  if (detected.class === 'unsupported_image') return skipped('unsupported_image', detected.type, bytesIn)
  const finished = await image(request, detected, look, options.images)
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

function checkSize({ name, limits }: CompressRequest, bytes: number): void {
  if (bytes === 0) throw new KompressorError('empty_file', `${name} has no bytes`)
  if (bytes > limits.maxBytes) {
    throw new KompressorError('file_too_large', `${name} has ${bytes} bytes; the limit is ${limits.maxBytes}`)
  }
}

async function image(
  request: CompressRequest,
  { format }: Extract<Detected, { class: 'image' }>,
  look: FirstLook,
  options: NonNullable<CompressRequest['options']['images']>,
) {
  const { name, input: path } = request
  return await compressImage(request, { name, path, format }, look, options)
}

function skipped(reason: Reason, type: string, bytesIn: number): Compressed {
  return { outcome: 'skipped', reason, type, bytesIn, bytesOut: bytesIn, cpuMs: 0, outputs: [] }
}
