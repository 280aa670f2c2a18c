import { mkdtemp, rm } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { CodecLimits, Compressed, CompressionOptions, Compressor } from '../codec/index.ts'
import { type ErrorCode, toKompressorError } from '../errors/index.ts'
import type { Candidate, Looked, Stratum } from '../estimate/index.ts'

/** Where the files of a sample come from. */
export interface SurveySource<T> {
  /**
   * A local copy of a file, or the file itself; it is only read. `folder` is for whatever has to be fetched.
   *
   * Rejects with object_not_found or unreadable_input when this file cannot be had, with anything else when none can.
   */
  fetch(file: Candidate<T>, folder: string, signal: AbortSignal): Promise<string>
}

export interface Surveying<T> {
  source: SurveySource<T>
  compressor: Compressor
  options: CompressionOptions
  limits: CodecLimits
  /** An existing folder; what is put there is removed again. */
  scratchDir: string
  signal: AbortSignal
}

/**
 * Compresses the files of a sample and keeps nothing but what came of them. Rejects when the source cannot be read at all,
 * when there is no space left, and when it is aborted.
 */
export async function survey<T>(
  plan: readonly Stratum<T>[],
  context: Surveying<T>,
  onLooked: (file: Candidate<T>, looked: Looked) => void = () => undefined,
): Promise<Map<Candidate<T>, Looked>> {
  const looked = new Map<Candidate<T>, Looked>()
  const halt = new AbortController()
  const signal = AbortSignal.any([context.signal, halt.signal])
  const left = plan.flatMap(({ sample }) => sample)[Symbol.iterator]()
  const lane = async () => {
    for (const file of left) {
      signal.throwIfAborted()
      const one = await lookAt(file, { ...context, signal })
      looked.set(file, one)
      onLooked(file, one)
    }
  }
  // Some more than slots, so that fetching goes on while every slot computes. The first that fails ends the others.
  const lanes = Array.from({ length: context.compressor.slots + 2 }, () =>
    lane().catch((error: unknown) => {
      halt.abort(error)
      throw error
    }),
  )
  await Promise.allSettled(lanes)
  signal.throwIfAborted()
  return looked
}

/** Nothing is known of the file, and others are not concerned. */
const concernsOne: ReadonlySet<ErrorCode> = new Set(['object_not_found', 'unreadable_input', 'input_missing'])
/** It is not the file's doing. */
const concernsAll: ReadonlySet<ErrorCode> = new Set([
  'cancelled',
  'shutting_down',
  'storage_full',
  'internal',
])

async function lookAt<T>(file: Candidate<T>, context: Surveying<T>): Promise<Looked> {
  // Not fetched: it would be refused.
  if (file.size > context.limits.maxBytes) return { kind: 'failed', code: 'file_too_large', cpuMs: 0 }
  return withPair(file, context, async (pair) => {
    if (pair.kind !== 'compressed') return pair
    const { outcome, reason, type, bytesOut, cpuMs, outputs } = pair.compressed
    const score = outputs[0]?.score
    return {
      kind: 'done',
      outcome,
      type,
      bytesOut,
      cpuMs,
      ...(reason !== undefined && { reason }),
      ...(score !== undefined && { score }),
    }
  })
}

export type Pair =
  | { kind: 'unreadable' }
  | { kind: 'failed'; code: ErrorCode; cpuMs: number }
  | { kind: 'compressed'; input: string; compressed: Compressed }

/** Fetches and compresses one file, and shows both ends of it while they are there. */
export async function withPair<T, R>(
  file: Candidate<T>,
  { source, compressor, options, limits, scratchDir, signal }: Surveying<T>,
  use: (pair: Pair) => Promise<R>,
): Promise<R> {
  const folder = await mkdtemp(join(scratchDir, 'sample-'))
  try {
    let input: string
    try {
      input = await source.fetch(file, folder, signal)
    } catch (cause) {
      if (!concernsOne.has(toKompressorError(cause).code)) throw cause
      return await use({ kind: 'unreadable' })
    }
    const request = {
      id: file.path,
      name: posix.basename(file.path),
      input,
      output: join(folder, 'output'),
      options,
      limits,
    }
    let compressed: Compressed
    try {
      compressed = await compressor.compress(request, { signal })
    } catch (cause) {
      const { code } = toKompressorError(cause)
      if (concernsAll.has(code)) throw cause
      return await use({ kind: 'failed', code, cpuMs: 0 })
    }
    return await use({ kind: 'compressed', input, compressed })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
