import { mkdir, utimes } from 'node:fs/promises'
import path from 'node:path'
import type { Compressor } from '../../codec/index.ts'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import { explain, systemMessage } from './explain-error.ts'
import { Journal } from './journal.ts'
import type { Plan, Source, Target } from './plan.ts'
import { type Item, type Outbox, processFile, type Recipe } from './process-file.ts'
import type { FileReport } from './report.ts'
import { type Ignored, walk } from './walk.ts'
import { Workspace } from './workspace.ts'

export interface RunObserver {
  /** The scan, which runs ahead of the work, met a file. */
  onFound(bytes: number): void
  /** The scan is over. */
  onScanned(): void
  onReport(report: FileReport): void
  onIgnored(path: string, why: Ignored): void
}

export interface RunJob {
  plan: Plan
  recipe: Recipe
  overwrite: boolean
}

export interface RunContext {
  compressor: Compressor
  observer: RunObserver
  /** Aborted: start no further file, finish those running. */
  stop: AbortSignal
  /** Aborted: end now. What was running leaves nothing behind. */
  kill: AbortSignal
  /** Milliseconds, monotonic. */
  now: () => number
}

/**
 * Compresses what the plan names. Memory does not grow with the number of files: folders are walked as files finish,
 * reports are handed out and forgotten.
 *
 * Resolves when everything is done or, after `stop` or `kill`, when nothing runs any more.
 *
 * @throws KompressorError storage_full, storage_unavailable: the output folder takes no more; what is done is done, and
 * the same run goes on from there later
 */
export async function runFiles(job: RunJob, context: RunContext): Promise<void> {
  const outboxes = new Map<Target, Outbox>()
  try {
    for (const target of job.plan.targets) outboxes.set(target, await openOutbox(target))
    const halt = new AbortController()
    const stopping = AbortSignal.any([context.stop, context.kill, halt.signal])
    const scanning = scan(job.plan, context.observer, stopping)
    const items = listItems(job.plan, outboxes, context.observer, stopping)
    let fault: KompressorError | undefined
    const lane = async () => {
      for await (const { item, outbox } of items) {
        if (stopping.aborted) return
        const shared = { compressor: context.compressor, recipe: job.recipe, overwrite: job.overwrite }
        const signals = { stopping, killed: context.kill, now: context.now }
        const report = await processFile(item, { ...shared, ...signals, outbox })
        context.observer.onReport(report)
      }
    }
    // A few more than slots, so that reading, copying and writing go on while every slot computes.
    const lanes = Array.from({ length: context.compressor.slots + 2 }, () =>
      lane().catch((error) => {
        const known = toKompressorError(error)
        if (known.code === 'cancelled' || known.code === 'shutting_down') return
        fault ??= known
        halt.abort()
      }),
    )
    await Promise.all([...lanes, scanning])
    if (fault !== undefined) throw fault
    if (!stopping.aborted) await restoreFolderTimes(job.plan)
  } finally {
    for (const outbox of outboxes.values()) {
      await outbox.workspace.close()
      await outbox.journal?.close()
    }
  }
}

async function openOutbox(target: Target): Promise<Outbox> {
  try {
    await mkdir(target.folder, { recursive: true })
    return {
      folder: target.folder,
      workspace: await Workspace.open(target),
      journal: target.beside ? undefined : await Journal.open(target.folder),
    }
  } catch (cause) {
    const { code } = toKompressorError(cause, 'storage_unavailable')
    const why = cause instanceof Error ? systemMessage(cause) : String(cause)
    throw new KompressorError(code, `the output folder ${target.folder} cannot be written: ${why}`, { cause })
  }
}

/** Counts what there is to do, ahead of doing it. */
async function scan(plan: Plan, observer: RunObserver, signal: AbortSignal): Promise<void> {
  for (const source of plan.sources) {
    if (source.input.stats.isFile()) observer.onFound(source.input.stats.size)
    else {
      for await (const entry of walk(source.input.real, { excluded: plan.excluded, signal })) {
        if (entry.kind === 'file') observer.onFound(entry.stats.size)
        else if (entry.kind === 'unreadable') observer.onFound(0)
      }
    }
  }
  if (!signal.aborted) observer.onScanned()
}

/** Every file of every source, with its output folder made. */
async function* listItems(
  plan: Plan,
  outboxes: ReadonlyMap<Target, Outbox>,
  observer: RunObserver,
  signal: AbortSignal,
): AsyncGenerator<{ item: Item; outbox: Outbox }> {
  for (const source of plan.sources) {
    const outbox = outboxes.get(source.target)
    if (outbox === undefined) continue
    const { input } = source
    if (input.stats.isFile()) {
      yield { item: fileItem(source), outbox }
      continue
    }
    await mkdir(path.join(outbox.folder, source.prefix), { recursive: true })
    for await (const entry of walk(input.real, { excluded: plan.excluded, signal })) {
      const key = source.prefix === '' ? entry.path : `${source.prefix}/${entry.path}`
      const shown = path.join(input.given, entry.path)
      const original = path.join(input.real, entry.path)
      if (entry.kind === 'ignored') observer.onIgnored(shown, entry.why)
      else if (entry.kind === 'unreadable') {
        observer.onReport(failed(shown, explain({ original, shown }, entry.error)))
      } else if (entry.kind === 'folder') {
        try {
          // Its owner must be able to write into it; otherwise it is as open as the source was, and no more.
          await mkdir(path.join(outbox.folder, key), { recursive: true, mode: entry.stats.mode | 0o700 })
        } catch (error) {
          observer.onReport(failed(shown, toKompressorError(error, 'storage_unavailable')))
        }
      } else yield { item: { original, shown, key, stats: entry.stats }, outbox }
    }
  }
}

function failed(path: string, error: KompressorError): FileReport {
  return { path, bytesIn: 0, ms: 0, type: undefined, outcome: 'failed', error: error.toBody() }
}

function fileItem({ input, prefix }: Source): Item {
  return { original: input.real, shown: input.given, key: prefix, stats: input.stats }
}

/** Writing into a folder moves its time, so folders get theirs back when all is written. */
async function restoreFolderTimes(plan: Plan): Promise<void> {
  for (const { input, target, prefix } of plan.sources) {
    if (!input.stats.isDirectory()) continue
    for await (const entry of walk(input.real, { excluded: plan.excluded })) {
      if (entry.kind !== 'folder') continue
      await utimes(path.join(target.folder, prefix, entry.path), entry.stats.atime, entry.stats.mtime)
    }
  }
}
