import { open, rm } from 'node:fs/promises'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import type { DataOptions } from '../options.ts'
import type { CompressRequest } from '../request.ts'
import type { Compressed, LocalOutput, Reason } from '../result.ts'
import { chooseDataCodec, type DataCodec } from './codecs.ts'
import { minSampledBytes, minSampleRatio, sampleRatio } from './sample.ts'
import { type DataType, sniffData } from './sniff.ts'
import { compressAndVerify, hashFile } from './stream.ts'

/** Enough of a file to tell its type. */
const headBytes = 4096

/**
 * Compresses a file that is not an image, without loss, in constant memory.
 *
 * Kept as it is (`already_compressed`) when its container is compressed by nature or three samples do not shrink, and
 * (`savings_below_minimum`) when the output would save less than `options.minSavingsPercent`; work stops at the byte
 * where that is certain. An output is decoded and compared with the input before it counts. The same input, options
 * and engine give the same bytes.
 *
 * Requires `options.data` and an input of at least one byte. Rejects with `verification_failed`, `storage_full`,
 * `input_missing`, `cancelled` or `internal`; then nothing is left at `output`.
 */
export async function compressData(request: CompressRequest, signal?: AbortSignal): Promise<Compressed> {
  const options = request.options.data
  if (options === undefined) {
    throw new KompressorError('internal', `${request.name} was sent to the data codec without data options`)
  }
  const cpu = process.cpuUsage()
  try {
    const { size, type, worthwhile } = await examine(request.input)
    const { outcome, reason, output } = worthwhile
      ? await compressWhole(request, options, size, type, signal)
      : await keep(request, size, type, 'already_compressed', signal)
    const { user, system } = process.cpuUsage(cpu)
    return {
      outcome,
      ...(reason && { reason }),
      type,
      bytesIn: size,
      bytesOut: output.bytes,
      cpuMs: (user + system) / 1000,
      outputs: [output],
    }
  } catch (error) {
    throw translated(error, request, signal)
  }
}

interface Verdict {
  outcome: 'compressed' | 'kept_original'
  reason?: Reason
  output: LocalOutput
}

/** Size and type, and whether the samples promise anything. */
async function examine(path: string): Promise<DataType & { size: number; worthwhile: boolean }> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const sniffed = sniffData(buffer.subarray(0, bytesRead))
    const worthwhile =
      !sniffed.compressed && (size < minSampledBytes || (await sampleRatio(file, size)) >= minSampleRatio)
    return { ...sniffed, size, worthwhile }
  } finally {
    await file.close()
  }
}

async function compressWhole(
  request: CompressRequest,
  options: DataOptions,
  size: number,
  type: string,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  const { codec, level } = chooseDataCodec(options)
  const path = request.output
  try {
    const streamed = await compressAndVerify({
      input: request.input,
      output: path,
      compressor: codec.compressor(level, size),
      decompressor: codec.decompressor(),
      maxBytesOut: largestOutput(size, request.options.minSavingsPercent),
      ...(signal && { signal }),
    })
    if (streamed.fits && streamed.bytesIn !== size) {
      throw new KompressorError('internal', `${request.input} changed while it was compressed`)
    }
    if (!streamed.fits) {
      await rm(path, { force: true })
      return await keep(request, size, type, 'savings_below_minimum', signal)
    }
    const { bytesOut, sha256Out } = streamed
    return {
      outcome: 'compressed',
      output: {
        path,
        ...presentation(request.name, type, codec, options),
        bytes: bytesOut,
        sha256: sha256Out,
      },
    }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/** The most bytes an output may have: the minimum saving kept, and always smaller than the input. */
export function largestOutput(size: number, minSavingsPercent: number): number {
  return Math.min(size - 1, Math.floor(size * (1 - minSavingsPercent / 100)))
}

function presentation(
  name: string,
  type: string,
  codec: DataCodec,
  options: DataOptions,
): Pick<LocalOutput, 'name' | 'type' | 'contentEncoding'> {
  return options.as === 'ContentEncoding'
    ? { name, type, contentEncoding: codec.encoding }
    : { name: name + codec.extension, type: codec.type }
}

async function keep(
  request: CompressRequest,
  size: number,
  type: string,
  reason: Reason,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  const sha256 = await hashFile(request.input, signal)
  const { name, input: path } = request
  return { outcome: 'kept_original', reason, output: { path, name, type, bytes: size, sha256 } }
}

function translated(
  error: unknown,
  request: CompressRequest,
  signal: AbortSignal | undefined,
): KompressorError {
  if (signal?.aborted)
    return new KompressorError('cancelled', `${request.name} was cancelled`, { cause: error })
  if (error instanceof KompressorError) return error
  const missing =
    error instanceof Error &&
    'code' in error &&
    error.code === 'ENOENT' &&
    'path' in error &&
    error.path === request.input
  const known = toKompressorError(error, missing ? 'input_missing' : 'internal')
  return new KompressorError(known.code, `${request.name}: ${known.message}`, { cause: error })
}
