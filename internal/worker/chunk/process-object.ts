import { posix } from 'node:path'
import { type Compressed, type LocalOutput, likelyNames } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { LedgerLine } from '../../ledger/index.ts'
import type { ChunkObject, ChunkTask } from '../../messages/index.ts'
import type { ObjectInfo, ObjectStore } from '../../objects/index.ts'
import {
  isSameWork,
  outputKey,
  placeOutput,
  refuseSibling,
  sha256Key,
  sourceMark,
} from '../../outputs/index.ts'
import { formatLabel } from '../../telemetry/index.ts'
import type { TaskContext } from '../handle-task.ts'
import { type Scratch, scratchFor } from '../scratch.ts'
import type { Look } from './look.ts'

/** What is read of a job's source. */
export type SourceStore = Pick<ObjectStore, 'getFile' | 'head'>

/** The two ends of a job. */
export interface JobStores {
  source: SourceStore
  output: ObjectStore
  /** False when the output store ignores conditions on writes. */
  conditional: boolean
}

export interface ObjectContext
  extends Pick<TaskContext, 'compressor' | 'limits' | 'scratchDir' | 'metrics' | 'clock'> {
  stores: JobStores
  task: ChunkTask
  /** Names the work on a version of an object, with the options of the task. */
  identityOf: (key: string, etag: string) => string
  /** The chunk was begun before: what it may have written is looked for under every name it may have. */
  begunBefore: boolean
  look: Look
  onStart: () => Promise<void>
}

type Line = Exclude<LedgerLine, { outcome: 'failed' | 'retry' | 'cancelled' }>

/** Takes one object from source to output, or finds that this was done before. Rejects with what is wrong with it. */
export async function processObject(
  context: ObjectContext,
  object: ChunkObject,
  signal: AbortSignal,
): Promise<Line> {
  const path = pathOf(context.task, object)
  const done = await lookBefore(context, object, path)
  if (done !== undefined) return done
  const scratch = scratchFor(context.scratchDir)
  const { input } = scratch
  try {
    const info = await fetch(context, object, input, signal)
    // Of an address nothing was known before, and what is there now may have been done.
    const again =
      object.etag === '' ? await lookBefore(context, { ...object, ...versionOf(info) }, path) : undefined
    if (again !== undefined) return again
    const compressed = await compress(context, path, scratch, signal)
    return await place(context, { object, path, info, compressed }, signal)
  } finally {
    await scratch.remove()
  }
}

/** The name of an object below its source, from which that of its output is made. */
export function pathOf({ source }: ChunkTask, { key, path }: ChunkObject): string {
  return path ?? key.slice(source.prefix.length)
}

function versionOf({ size, etag }: ObjectInfo): Pick<ChunkObject, 'size' | 'etag'> {
  return { size, etag }
}

/** The keys an object's output may have, the likeliest first. Throws invalid_name. */
export function likelyKeys(task: ChunkTask, path: string): string[] {
  const names = likelyNames(posix.basename(path), task.options)
  return [...new Set(names.map((name) => outputKey(task.output, path, name)))]
}

/** A look at where the output should be costs little; doing the work again would cost far more. */
async function lookBefore(
  context: ObjectContext,
  object: ChunkObject,
  path: string,
): Promise<Line | undefined> {
  const { task, look, identityOf, begunBefore, clock } = context
  const identity = identityOf(object.key, object.etag)
  const source = sourceMark(task.source.bucket, object.key)
  const keys = likelyKeys(task, path)
  for (const key of begunBefore ? keys : keys.slice(0, 1)) {
    const info = await look(key)
    if (info === undefined || !isSameWork(info, { identity, source })) continue
    return doneBefore({ at: clock().toISOString(), identity, object, info })
  }
  return undefined
}

function doneBefore({
  at,
  identity,
  object,
  info,
}: {
  at: string
  identity: string
  object: ChunkObject
  info: ObjectInfo
}): Line {
  const { contentType, metadata = {} } = info.attributes
  const sha256 = metadata[sha256Key]
  return {
    at,
    identity,
    source: describeSource(object, object),
    outcome: info.size < object.size ? 'compressed' : 'kept_original',
    cpuMs: 0,
    earlier: true,
    output: {
      key: info.key,
      etag: info.etag,
      bytes: info.size,
      ...(contentType !== undefined && { type: contentType }),
      ...(sha256 !== undefined && { sha256 }),
    },
  }
}

async function fetch(
  { stores }: ObjectContext,
  { key }: ChunkObject,
  path: string,
  signal: AbortSignal,
): Promise<ObjectInfo> {
  try {
    return await stores.source.getFile(key, path, { signal })
  } catch (error) {
    if (!(error instanceof KompressorError) || error.code !== 'object_not_found') throw error
    throw new KompressorError('input_missing', `${key} was there when the source was listed and is gone`, {
      cause: error,
    })
  }
}

async function compress(
  { compressor, limits, metrics, task, onStart }: ObjectContext,
  path: string,
  { input, output }: Scratch,
  signal: AbortSignal,
): Promise<Compressed> {
  let startedAt = performance.now()
  const compressed = await compressor.compress(
    { id: path, name: posix.basename(path), input, output, options: task.options, limits },
    {
      signal,
      onStart: async () => {
        await onStart()
        startedAt = performance.now()
      },
    },
  )
  const format = formatLabel(compressed.outputs[0])
  metrics.compressionSeconds.observe({ format }, (performance.now() - startedAt) / 1000)
  return compressed
}

interface Done {
  object: ChunkObject
  path: string
  info: ObjectInfo
  compressed: Compressed
}

async function place(context: ObjectContext, done: Done, signal: AbortSignal): Promise<Line> {
  const { task, stores, look, identityOf, clock } = context
  const { object, path, info, compressed } = done
  const { outcome, reason, cpuMs, type } = compressed
  const identity = identityOf(object.key, info.etag)
  const line: Line = {
    at: clock().toISOString(),
    source: describeSource(object, info),
    type,
    identity,
    outcome,
    ...(reason !== undefined && { reason }),
    cpuMs,
  }
  const [file] = compressed.outputs
  if (file === undefined) return line
  if (!stores.conditional || task.output.onExisting === 'Overwrite') {
    await refuseSibling(stores.source, object.key, posix.basename(path), file.name)
  }
  const key = outputKey(task.output, path, file.name)
  const placed = await placeOutput(stores.output, {
    key,
    file,
    source: info.attributes,
    rules: task.output,
    marks: { identity, jobUid: task.jobUid, source: sourceMark(task.source.bucket, object.key) },
    found: await look(key),
    conditional: stores.conditional,
    signal,
  })
  if (placed.kind === 'left') return { ...line, outcome: 'skipped', reason: 'output_exists' }
  const etag = placed.kind === 'same' ? placed.info.etag : placed.etag
  return { ...line, output: describe(key, etag, file) }
}

/** The object as the ledger names it, in the version that was read. */
export function describeSource(
  { key, path }: ChunkObject,
  { etag, size: bytes }: Pick<ObjectInfo, 'etag' | 'size'>,
): LedgerLine['source'] {
  return { key, etag, bytes, ...(path !== undefined && { path }) }
}

function describe(key: string, etag: string, { type, bytes, sha256, quality, score }: LocalOutput) {
  return {
    key,
    etag,
    type,
    bytes,
    sha256,
    ...(quality !== undefined && { quality }),
    ...(score !== undefined && { score }),
  }
}
