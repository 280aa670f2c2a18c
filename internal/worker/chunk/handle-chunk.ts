import { setMaxListeners } from 'node:events'
import type { Delivery } from '../../broker/index.ts'
import { guessType, identityHasher } from '../../codec/index.ts'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import type { Lanes } from '../../lanes/index.ts'
import { type LedgerLine, partKey, readPart, summarise, writePart } from '../../ledger/index.ts'
import type { ChunkObject, ChunkReport, ChunkTask } from '../../messages/index.ts'
import { type Context, injectTraceparent, SpanKind, withSpan } from '../../telemetry/index.ts'
import { countsAgainstFile } from '../blame.ts'
import type { TaskContext } from '../handle-task.ts'
import { receivedFrom } from '../received-from.ts'
import { watchCancellation } from '../watch-cancellation.ts'
import { type Look, lookTogether } from './look.ts'
import { persist } from './persist.ts'
import { describeSource, type JobStores, likelyKeys, pathOf, processObject } from './process-object.ts'
import { reportProgress } from './progress.ts'

export interface ChunkContext extends TaskContext {
  stores: JobStores
  lanes: Lanes
}

/**
 * Does one chunk:
 *
 *     ledger part there already ──────────────────────────▶ report what it says
 *     its workers died over it ──many objects──▶ report `split`
 *     else ──▶ objects, over all slots ──▶ ledger part ──▶ report
 *
 * Resolves when the outcome is durable in the broker, or when nobody wants it; rejects when the worker is stopping or
 * the outcome could not be reported, and the chunk then comes again. What was done of it is found and not done again.
 */
export async function handleChunk(
  context: ChunkContext,
  task: ChunkTask,
  delivery: Delivery,
  parent: Context,
): Promise<void> {
  const { control, tracer } = context
  if (await control.isUnwanted({ batchId: task.batchId })) return
  await withSpan(
    tracer,
    'compress chunk',
    {
      parent,
      kind: SpanKind.CONSUMER,
      attributes: {
        ...receivedFrom(delivery),
        'kompressor.task.id': task.taskId,
        'kompressor.batch.id': task.batchId,
        'kompressor.attempt': task.attempt,
        'kompressor.objects': task.objects.length,
      },
    },
    () => work(context, task, delivery),
  )
}

async function work(context: ChunkContext, task: ChunkTask, delivery: Delivery): Promise<void> {
  const { stores, reporter, clock, logger, maxStarts } = context
  const { taskId, attempt, batchId, jobUid } = task
  const log = logger.child({ taskId, batchId, attempt })
  const base = () => ({ taskId, attempt, batchId, jobUid, worker: context.name, at: clock().toISOString() })
  const report = (rest: OutcomeOf<ChunkReport>) => reporter.send({ ...base(), ...rest }, injectTraceparent())
  const key = partKey(task.ledger, task)
  const patience = {
    signal: delivery.signal,
    onFailure: (error: KompressorError) => log.warn({ error }, 'the ledger cannot be reached; trying again'),
  }
  const conclude = (lines: readonly LedgerLine[]) =>
    report({ kind: 'chunk.outcome', ...summarise(lines, task.options), ledger: key })

  const written = await persist(() => readPart(stores.output, key, delivery.signal), patience)
  if (written !== undefined && isOf(task, written)) return conclude(written)
  if (delivery.previousStarts >= maxStarts && task.objects.length > 1) {
    log.warn({ starts: delivery.previousStarts }, 'workers end over this chunk; it is divided')
    return report({ kind: 'chunk.split', starts: delivery.previousStarts })
  }
  const lines = await processAll(context, task, delivery, {
    onProgress: (counts) => report({ kind: 'chunk.progress', counts }),
    onError: (error) => log.debug({ error }, 'progress could not be reported'),
  })
  const truth = await persist(() => writePart(stores.output, key, lines, delivery.signal), patience)
  const { counts } = summarise(truth, task.options)
  log.debug(counts, 'chunk done')
  return conclude(truth)
}

/** A line an object, in their order. */
function isOf(task: ChunkTask, lines: readonly LedgerLine[]): boolean {
  return (
    lines.length === task.objects.length &&
    lines.every((line, index) => line.source.key === task.objects[index]?.key)
  )
}

/** What distinguishes one report of a chunk from another. */
type OutcomeOf<R> = R extends ChunkReport
  ? Omit<R, 'taskId' | 'attempt' | 'batchId' | 'jobUid' | 'worker' | 'at'>
  : never

async function processAll(
  context: ChunkContext,
  task: ChunkTask,
  delivery: Delivery,
  progress: Parameters<typeof reportProgress>[1],
): Promise<LedgerLine[]> {
  const { lanes, clock } = context
  const cancelling = watchCancellation(context, { batchId: task.batchId }, delivery.signal)
  // Each object in work listens.
  setMaxListeners(0, cancelling.signal)
  const lines = new Array<LedgerLine | undefined>(task.objects.length).fill(undefined)
  const reporting = reportProgress(
    () =>
      summarise(
        lines.filter((line) => line !== undefined),
        task.options,
      ).counts,
    progress,
  )
  let started: Promise<void> | undefined
  const onStart = () => {
    started ??= delivery.start().then(reporting.begin)
    return started
  }
  const begunBefore = delivery.previousStarts > 0
  const look = lookAtOutputs(context, task)
  const identify = identityHasher(task.options)
  const { bucket } = task.source
  const identityOf = (key: string, version: string) => identify({ bucket, key, version })
  const objectContext = { ...context, task, identityOf, begunBefore, look, onStart }
  const one = async (object: ChunkObject): Promise<LedgerLine> => {
    try {
      if (delivery.previousStarts >= context.maxStarts) throw poison(object, delivery.previousStarts)
      return await lanes.run(() => processObject(objectContext, object, cancelling.signal), cancelling.signal)
    } catch (caught) {
      // Stopping: the record stays undone and comes again, here or elsewhere.
      if (delivery.signal.aborted) throw caught
      const source = describeSource(object, object)
      const at = clock().toISOString()
      if (cancelling.signal.aborted) return { at, source, outcome: 'cancelled' }
      return await failure(context, task, { at, source, error: toKompressorError(caught) })
    }
  }
  try {
    const ends = await Promise.allSettled(
      task.objects.map(async (object, index) => {
        lines[index] = await one(object)
      }),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return lines.filter((line) => line !== undefined)
  } finally {
    cancelling.stop()
    await reporting.stop()
  }
}

function lookAtOutputs({ stores }: ChunkContext, task: ChunkTask): Look {
  const keys = task.objects.flatMap((object) => {
    try {
      return likelyKeys(task, pathOf(task, object))
    } catch {
      // No output can have such a name: the object will hear of it in its turn.
      return []
    }
  })
  return lookTogether(stores.output, keys)
}

async function failure(
  { logger, stores }: ChunkContext,
  { attemptsLeft, taskId }: ChunkTask,
  { at, source, error }: { at: string; source: LedgerLine['source']; error: KompressorError },
): Promise<LedgerLine> {
  const log = logger.child({ taskId, key: source.key })
  // What is wrong with a user's file is the user's to know; where our code noticed it would only fill the log.
  if (error.retryable) log.warn({ error }, error.message)
  else log.info({ code: error.code }, error.message)
  const throttled = error.retryable && !(await countsAgainstFile(error, [stores.source, stores.output]))
  const again = error.retryable && (throttled || attemptsLeft > 1)
  if (again) return { at, source, outcome: 'retry', error: error.toBody(), throttled }
  const type = guessType({ name: source.key })
  return { at, source, ...(type !== undefined && { type }), outcome: 'failed', error: error.toBody() }
}

function poison({ key }: ChunkObject, starts: number): KompressorError {
  return new KompressorError(
    'poison',
    `${key} was started ${starts} times and each time its worker ended before the file did; it is not tried again by itself`,
  )
}
