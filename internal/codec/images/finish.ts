import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import { mediaTypes } from '../detect/index.ts'
import type { Compressed, LocalOutput, Reason } from '../result.ts'
import { extensions } from './encode.ts'
import type { Encoded } from './lossy.ts'
import { rewriteOriginal } from './metadata.ts'
import type { ImageSource } from './source.ts'
import type { ImageTask } from './task.ts'
import { isTruncated } from './truncation.ts'

/** A result without what the caller knows already. */
export type Finished = Pick<Compressed, 'outcome' | 'reason' | 'input' | 'outputs'>

export async function finishEncoded(task: ImageTask, encoded: Encoded): Promise<Finished> {
  const { source, request, size } = task
  const { format, bytes, quality, score } = encoded
  const output = await writeOutput(task, bytes, {
    name: format === source.format ? request.name : request.name + extensions[format],
    type: mediaTypes[format],
    ...size,
    ...(quality !== undefined && { quality }),
    ...(score !== undefined && { score: Math.round(score * 10) / 10 }),
  })
  return { outcome: 'compressed', outputs: [output] }
}

/** Larger originals are kept as they are: taking them apart in memory would cost more than their metadata weighs. */
const rewriteLimit = 256 * 1024 * 1024

/**
 * The original is the result, without the metadata the policy removes where that needs no decoding. When that alone
 * saves what was asked for, it counts as compressed. Never keeps a file that ends too early.
 */
export async function finishKept(task: ImageTask, reason: Reason): Promise<Finished> {
  const { source, request } = task
  if (await isTruncated(source.path, source.format)) {
    throw new KompressorError(
      'truncated_input',
      `${request.name} ends before its ${source.format.toUpperCase()} data does; transfer it again`,
    )
  }
  const shown = { name: request.name, type: source.type, width: source.width, height: source.height }
  const file = source.bytes <= rewriteLimit ? await readFile(source.path) : undefined
  const rewritten = file && rewrite(file, task)
  if (rewritten !== undefined) {
    const output = await writeOutput(task, rewritten, shown)
    const worthIt = rewritten.length <= source.bytes * (1 - request.options.minSavingsPercent / 100)
    return worthIt
      ? { outcome: 'compressed', outputs: [output] }
      : { outcome: 'kept_original', reason, outputs: [output] }
  }
  const sha256 = file ? createHash('sha256').update(file).digest('hex') : await hashFile(source.path)
  const output = { ...shown, path: source.path, bytes: source.bytes, sha256 }
  return { outcome: 'kept_original', reason, outputs: [output] }
}

function rewrite(file: Buffer, { source, options, request }: ImageTask): Buffer | undefined {
  try {
    return rewriteOriginal(file, source, options.metadata)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new KompressorError('corrupt_input', `${request.name} is damaged: ${error.message}`, {
      cause: error,
    })
  }
}

async function writeOutput(
  { request }: ImageTask,
  bytes: Buffer,
  shown: Omit<LocalOutput, 'path' | 'bytes' | 'sha256'>,
): Promise<LocalOutput> {
  const path = request.output
  try {
    await writeFile(path, bytes, { flag: 'wx' })
  } catch (error) {
    const known = toKompressorError(error)
    throw new KompressorError(known.code, `${request.name}: ${known.message}`, { cause: error })
  }
  return { ...shown, path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

async function hashFile(path: ImageSource['path']): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}
