import { constants, type Stats } from 'node:fs'
import { access, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  type CodecLimits,
  type Compressed,
  type CompressionOptions,
  type Compressor,
  detect,
  type LocalOutput,
} from '../../codec/index.ts'
import type { ErrorCode } from '../../errors/index.ts'
import { explain } from './explain-error.ts'
import type { DoneEntry, Journal } from './journal.ts'
import { besideName, outputName } from './names.ts'
import { copyOriginal, exists, place, sizeOf } from './place.ts'
import type { FileReport } from './report.ts'
import type { Workspace } from './workspace.ts'

/** One file of a run. */
export interface Item {
  /** Absolute path of the original. */
  original: string
  /** The path as users know it. */
  shown: string
  /** Path below the output folder that stands for the source: what the output is called unless its type changes. */
  key: string
  stats: Stats
}

/** An output folder, opened. */
export interface Outbox {
  folder: string
  workspace: Workspace
  /** Undefined where outputs go beside their inputs: those are looked at, not remembered, and never copies. */
  journal: Journal | undefined
}

export interface Recipe {
  options: CompressionOptions
  limits: CodecLimits
  /** Names options, limits and engine version. */
  hash: string
}

export interface ProcessContext {
  compressor: Compressor
  outbox: Outbox
  recipe: Recipe
  overwrite: boolean
  /** No further file may start. Files that have started end on their own. */
  stopping: AbortSignal
  /** Everything ends now. */
  killed: AbortSignal
  /** Milliseconds, monotonic. */
  now: () => number
}

const stopsTheRun: ReadonlySet<ErrorCode> = new Set(['cancelled', 'shutting_down', 'storage_full'])

type Finished = Extract<FileReport, { outcome: 'compressed' | 'kept_original' | 'skipped' }>

/**
 * Takes one file from original to output. What is wrong with the file is a report; what stops the run is thrown, and
 * then nothing became of the file: `cancelled`, `shutting_down`, `storage_full`.
 */
export async function processFile(item: Item, context: ProcessContext): Promise<FileReport> {
  const earlier = context.outbox.journal?.take(item.key)
  let began = context.now()
  try {
    const known = await settleUnstarted(item, earlier, context)
    if (known !== undefined) return known
    const report = await compressAndPlace(item, earlier, context, () => {
      began = context.now()
    })
    return { ...report, ms: context.now() - began }
  } catch (cause) {
    const error = explain(item, cause)
    if (stopsTheRun.has(error.code)) throw error
    await context.outbox.journal?.append({ source: item.key, error: error.toBody() })
    return {
      path: item.shown,
      bytesIn: item.stats.size,
      ms: context.now() - began,
      outcome: 'failed',
      type: await typeOf(item.original),
      error: error.toBody(),
    }
  }
}

/** Media type of a file nothing became of, for the table; undefined when it cannot be read at all. */
async function typeOf(file: string): Promise<string | undefined> {
  const detected = await detect(file).catch(() => undefined)
  return detected?.class === 'data' ? 'application/octet-stream' : detected?.type
}

/** The report of a file that needs no work, or may not have any. */
async function settleUnstarted(
  item: Item,
  earlier: DoneEntry | undefined,
  { outbox, recipe, overwrite }: ProcessContext,
): Promise<Finished | undefined> {
  if (outbox.journal === undefined) {
    const name = path.join(outbox.folder, besideName(item.key))
    return !overwrite && (await exists(name)) ? refusal(item, 'output_exists') : undefined
  }
  if (earlier === undefined) return undefined
  const output = path.join(outbox.folder, earlier.output)
  const size = await sizeOf(output)
  if (size === undefined) return undefined
  const current =
    earlier.size === item.stats.size &&
    earlier.mtimeMs === item.stats.mtimeMs &&
    earlier.recipe === recipe.hash &&
    earlier.bytes === size
  if (current) {
    return {
      path: item.shown,
      bytesIn: earlier.size,
      ms: 0,
      outcome: earlier.outcome,
      reason: earlier.reason,
      type: earlier.type,
      bytesOut: earlier.bytes,
      output,
      earlier: true,
    }
  }
  if (overwrite) return undefined
  return refusal(item, earlier.bytes === size ? 'output_stale' : 'output_exists')
}

async function refusal(item: Item, reason: 'output_exists' | 'output_stale'): Promise<Finished> {
  const { size } = item.stats
  return {
    path: item.shown,
    bytesIn: size,
    ms: 0,
    outcome: 'skipped',
    reason,
    type: await typeOf(item.original),
    bytesOut: size,
    output: undefined,
    earlier: false,
  }
}

async function compressAndPlace(
  item: Item,
  earlier: DoneEntry | undefined,
  context: ProcessContext,
  onStart: () => void,
): Promise<Finished> {
  const { outbox, recipe } = context
  await access(item.original, constants.R_OK)
  const workspace = await outbox.workspace.make()
  try {
    const compressed =
      item.stats.size === 0
        ? nothingToCompress
        : await compressUnlessStopping(item, workspace, context, onStart)
    const report: Finished = {
      path: item.shown,
      bytesIn: compressed.bytesIn,
      ms: 0,
      outcome: compressed.outcome,
      reason: compressed.reason,
      type: compressed.type,
      bytesOut: compressed.bytesOut,
      output: undefined,
      earlier: false,
    }
    // Beside the input only what is smaller is worth a file; a folder of outputs is complete.
    if (outbox.journal === undefined && compressed.outcome !== 'compressed') return report
    const key = await keyOf(item, compressed.outputs[0], outbox)
    const file = await fileToPlace(item, compressed.outputs[0], workspace)
    const output = path.join(outbox.folder, key)
    if (!(await place(file, output, item.stats, { overwrite: context.overwrite }))) {
      return refusal(item, 'output_exists')
    }
    if (context.overwrite && earlier !== undefined && earlier.output !== key) {
      await removeReplaced(path.join(outbox.folder, earlier.output), earlier)
    }
    await outbox.journal?.append({
      source: item.key,
      size: item.stats.size,
      mtimeMs: item.stats.mtimeMs,
      recipe: recipe.hash,
      output: key,
      bytes: compressed.bytesOut,
      outcome: compressed.outcome,
      ...(compressed.reason === undefined ? {} : { reason: compressed.reason }),
      type: compressed.type,
    })
    return { ...report, output }
  } finally {
    await rm(workspace, { recursive: true, force: true })
  }
}

/** Folders are full of files that are empty on purpose (.gitkeep, __init__.py): they belong into a complete output. */
const nothingToCompress: Omit<Compressed, 'reason'> & { reason: string } = {
  outcome: 'skipped',
  reason: 'empty_file',
  type: 'application/x-empty',
  bytesIn: 0,
  bytesOut: 0,
  cpuMs: 0,
  outputs: [],
}

/** A file that waits for a slot gives up at the first request to stop; one that has its slot is allowed to finish. */
async function compressUnlessStopping(
  item: Item,
  workspace: string,
  { compressor, recipe, stopping, killed }: ProcessContext,
  onStart: () => void,
): Promise<Compressed> {
  const waiting = new AbortController()
  const giveUp = () => waiting.abort()
  stopping.addEventListener('abort', giveUp, { once: true })
  if (stopping.aborted) giveUp()
  try {
    return await compressor.compress(
      {
        id: item.shown,
        name: path.basename(item.key),
        input: item.original,
        output: path.join(workspace, 'output'),
        options: recipe.options,
        limits: recipe.limits,
      },
      {
        signal: AbortSignal.any([waiting.signal, killed]),
        onStart: async () => {
          stopping.removeEventListener('abort', giveUp)
          onStart()
        },
      },
    )
  } finally {
    stopping.removeEventListener('abort', giveUp)
  }
}

/** Where the output goes, below the output folder. */
async function keyOf(item: Item, output: LocalOutput | undefined, outbox: Outbox): Promise<string> {
  const folder = path.posix.dirname(item.key)
  const source = path.basename(item.key)
  const proposed = output?.name ?? source
  if (outbox.journal === undefined) return proposed === source ? besideName(source) : proposed
  const name = await outputName(source, proposed, (sibling) =>
    exists(path.join(path.dirname(item.original), sibling)),
  )
  return folder === '.' ? name : `${folder}/${name}`
}

/** A finished file inside the workspace: the codec's output, or a copy when the bytes are the original's. */
async function fileToPlace(item: Item, output: LocalOutput | undefined, workspace: string): Promise<string> {
  if (output !== undefined && output.path !== item.original) return output.path
  return copyOriginal(item.original, workspace)
}

/** The output that another type of output took the place of, unless someone has changed it. */
async function removeReplaced(file: string, entry: DoneEntry): Promise<void> {
  if ((await sizeOf(file)) === entry.bytes) await rm(file)
}
