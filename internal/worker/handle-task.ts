import type { Delivery } from '../broker/index.ts'
import type { CodecLimits, Compressor } from '../codec/index.ts'
import { KompressorError, toKompressorError } from '../errors/index.ts'
import type { FileResult, Report, Task, TaskObject } from '../messages/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import {
  type Context,
  formatLabel,
  injectTraceparent,
  type Logger,
  type Metrics,
  SpanKind,
  type Tracer,
  withSpan,
} from '../telemetry/index.ts'
import { countsAgainstFile } from './blame.ts'
import type { Control } from './control.ts'
import { fetchInput } from './fetch-input.ts'
import { receivedFrom } from './received-from.ts'
import type { Reporter } from './reporter.ts'
import { scratchFor } from './scratch.ts'
import { holdStartNotice } from './start-notice.ts'
import { storeOutputs } from './store-outputs.ts'
import { watchCancellation } from './watch-cancellation.ts'

export interface TaskContext {
  objects: ObjectStore
  compressor: Compressor
  reporter: Reporter
  control: Control
  limits: CodecLimits
  /** Existing folder on a local disk for inputs and outputs in work. */
  scratchDir: string
  /** Names this worker in reports and histories. */
  name: string
  /** A file that was started this often without an outcome is given up as poison. */
  maxStarts: number
  /** How often a running file is asked after, milliseconds. */
  controlIntervalMs: number
  clock: () => Date
  logger: Logger
  metrics: Metrics
  tracer: Tracer
}

/**
 * Does one task: fetch, compress, put, report. Resolves when its outcome is durable in the broker, or when nobody wants
 * it; rejects only when the outcome could not be reported or the worker is stopping, and the task then comes again.
 */
export async function handleTask(
  context: TaskContext,
  task: Task,
  delivery: Delivery,
  parent: Context,
): Promise<void> {
  for (const object of task.objects) {
    const { control, tracer } = context
    if (await control.isUnwanted({ batchId: task.batchId, fileId: object.fileId })) continue
    await withSpan(
      tracer,
      'compress',
      {
        parent,
        kind: SpanKind.CONSUMER,
        attributes: {
          ...receivedFrom(delivery),
          'kompressor.file.id': object.fileId,
          'kompressor.batch.id': task.batchId,
          'kompressor.attempt': task.attempt,
        },
      },
      () => handleObject(context, task, object, delivery),
    )
  }
}

async function handleObject(
  context: TaskContext,
  task: Task,
  object: TaskObject,
  delivery: Delivery,
): Promise<void> {
  const { reporter, logger, clock } = context
  const base = {
    taskId: task.taskId,
    attempt: task.attempt,
    fileId: object.fileId,
    batchId: task.batchId,
    jobUid: task.jobUid,
    worker: context.name,
  }
  const report = (outcome: OutcomeOf<Report>, at = clock()) =>
    reporter.send({ ...base, at: at.toISOString(), ...outcome }, injectTraceparent())
  const log = logger.child({ fileId: object.fileId, batchId: task.batchId, attempt: task.attempt })
  const work = { batchId: task.batchId, fileId: object.fileId }
  const cancelling = watchCancellation(context, work, delivery.signal)
  const notice = holdStartNotice((at) => report({ kind: 'started', seq: 0 }, at), {
    clock,
    onError: (error) => log.warn({ error }, 'the start of a file could not be reported'),
  })
  const conclude = (outcome: OutcomeOf<Report>) => Promise.all([notice.flush(), report(outcome)])
  try {
    if (delivery.previousStarts >= context.maxStarts) throw poison(object, delivery.previousStarts)
    const result = await compressObject(context, task, object, cancelling.signal, async () => {
      await delivery.start()
      notice.begin()
    })
    await conclude({ kind: 'completed', seq: 1, result })
    log.debug({ outcome: result.outcome, bytesIn: result.bytesIn, bytesOut: result.bytesOut }, 'compressed')
  } catch (caught) {
    // Stopping: the record stays undone and comes again, here or elsewhere.
    if (delivery.signal.aborted) throw caught
    if (cancelling.signal.aborted) return
    const error = toKompressorError(caught)
    // What is wrong with a user's file is the user's to know; where our code noticed it would only fill the log.
    if (error.retryable) log.warn({ error }, error.message)
    else log.info({ code: error.code }, error.message)
    if (!error.retryable) return void (await conclude({ kind: 'failed', seq: 1, error: error.toBody() }))
    const counts = await countsAgainstFile(error, [context.objects])
    await conclude({ kind: 'retry', seq: 1, error: error.toBody(), countsAttempt: counts })
  } finally {
    notice.drop()
    cancelling.stop()
  }
}

/** What distinguishes one report of a task from another. */
type OutcomeOf<R> = R extends Report
  ? Omit<R, 'taskId' | 'attempt' | 'fileId' | 'batchId' | 'jobUid' | 'worker' | 'at'>
  : never

async function compressObject(
  context: TaskContext,
  task: Task,
  object: TaskObject,
  signal: AbortSignal,
  onStart: () => Promise<void>,
): Promise<FileResult> {
  const { objects, compressor, limits, metrics, tracer } = context
  const scratch = scratchFor(context.scratchDir)
  const { input: inputPath } = scratch
  try {
    const input = await fetchInput(objects, object, inputPath, signal)
    const { fileId, name } = object
    const { options } = task
    let startedAt = performance.now()
    const compressed = await withSpan(tracer, 'encode', {}, (span) =>
      compressor.compress(
        { id: fileId, name, input: inputPath, output: scratch.output, options, limits },
        {
          signal,
          onStart: async () => {
            await onStart()
            // Until now it waited for a child that is free.
            span.addEvent('child began')
            startedAt = performance.now()
          },
        },
      ),
    )
    const format = formatLabel(compressed.outputs[0])
    metrics.compressionSeconds.observe({ format }, (performance.now() - startedAt) / 1000)
    const stored = { tenantId: task.tenantId, fileId, object, input, inputPath, options }
    return await storeOutputs(objects, compressed, stored, signal)
  } finally {
    await scratch.remove()
  }
}

function poison(object: TaskObject, starts: number): KompressorError {
  return new KompressorError(
    'poison',
    `${object.name} was started ${starts} times and each time its worker ended before the file did; it is not tried again by itself`,
  )
}
