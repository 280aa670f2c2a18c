import type { Broker } from '../broker/index.ts'
import { KompressorError } from '../errors/index.ts'
import { ledgerPrefix } from '../ledger/index.ts'
import { type ChunkTask, envelopeHeaders, maxChunkObjects, type Task } from '../messages/index.ts'
import {
  type JobRow,
  type LeasedChunk,
  type LeasedTask,
  leaseTasks,
  listJobs,
  markReleased,
  nextDue,
  openWork,
  outbox,
  type Store,
} from '../store/index.ts'
import {
  type Context,
  extractTraceparent,
  injectTraceparent,
  SpanKind,
  withSpans,
} from '../telemetry/index.ts'
import type { DeliveryDeps } from './deps.ts'
import { type Loop, startLoop } from './loop.ts'
import { roomIn, spreadOver, type WindowPolicy } from './window.ts'

export interface RelayOptions extends DeliveryDeps {
  store: Store
  broker: Broker
  /** Slots the job's workers have or should have: decides how much may be in its topic. */
  wantedSlots: (job: JobRow) => number
  /** How long the released work should last, milliseconds. Default five minutes. */
  windowMs?: number
  /** Released whatever it costs. Default 1,000. */
  minTasks?: number
  /** How long a publication may take before another relay does it again. Default 30 s. */
  leaseMs?: number
}

/** Most tasks leased and published at once: bounds the memory, and how long the embedded database is busy. */
const roundLimit = 250
const minIntervalMs = 250
/** A round at least this often: another process's notification may have been lost. */
const idleMs = 10_000
/** A full window is looked at again this often. */
const fullMs = 500

/**
 * Moves due tasks from the outbox to their job's topic, keeping the topic short so that suspending, cancelling and
 * fairness act on what is not there yet. Any number may run. A task is leased in one transaction, published outside
 * any, and marked in another: a crash in between publishes it again, and nothing is lost.
 */
export async function startRelay(options: RelayOptions): Promise<{ stop(): Promise<void> }> {
  const { store, logger, metrics, clock } = options
  const loop: Loop = startLoop({
    round: (signal) => releaseDue(options, signal),
    minIntervalMs,
    errorDelayMs: 1_000,
    onError: (error) => logger.error({ error }, 'releasing tasks failed; trying again'),
  })
  const unlisten = await store.listen('tasks', loop.wake).catch(async (error: unknown) => {
    await loop.stop()
    throw error
  })
  const stopCollecting = metrics.onCollect('outbox', async () => {
    const { tasks, oldest } = await outbox(store.db, clock())
    metrics.outboxTasks.set(tasks)
    metrics.outboxAgeSeconds.set(oldest === undefined ? 0 : (clock().getTime() - oldest.getTime()) / 1000)
  })
  return {
    async stop() {
      stopCollecting()
      await unlisten()
      await loop.stop()
    },
  }
}

async function releaseDue(options: RelayOptions, signal: AbortSignal): Promise<number> {
  const { store, clock } = options
  let full = false
  const errors: unknown[] = []
  for (const job of await listJobs(store.db)) {
    if (job.state !== 'active') continue
    try {
      full = (await releaseJob(options, job, signal)) === 'full' || full
    } catch (error) {
      // A job whose topic is in trouble must not hold up those that come after it.
      errors.push(new Error(`job ${job.uid}: ${String(error)}`, { cause: error }))
    }
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors)
  const due = await nextDue(store.db)
  if (due === undefined) return idleMs
  const wait = due.getTime() - clock().getTime()
  return Math.min(idleMs, Math.max(wait, full ? fullMs : 0))
}

/** Rounds of one job until nothing of it is due or its window is full. */
async function releaseJob(options: RelayOptions, job: JobRow, signal: AbortSignal): Promise<'done' | 'full'> {
  while (!signal.aborted) {
    const outcome = await releaseRound(options, job)
    if (outcome !== 'more') return outcome
  }
  return 'done'
}

async function releaseRound(options: RelayOptions, job: JobRow): Promise<'more' | 'done' | 'full'> {
  const { store, clock, leaseMs = 30_000, metrics, tracer } = options
  const open = await openWork(store.db, job.uid)
  const room = roomIn(open, windowOf(options, job))
  if (room === undefined) return 'full'
  const now = clock()
  const limit = Math.min(Math.ceil(room.tasks / objectsPerTask(job)), roundLimit)
  const leased = await leaseTasks(store.db, {
    jobUid: job.uid,
    limit,
    costBudget: room.cost,
    now,
    leasedUntil: new Date(now.getTime() + leaseMs),
  })
  if (leased.length === 0) return 'done'
  const placed = spreadOver(leased, job.partitions, open)
  // In the trace of the request that brought the file, not in one of the round that happened to release it.
  const spans = placed.map(({ id, partition, traceparent }) => ({
    kind: SpanKind.PRODUCER,
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': job.topic,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.message.key': id,
    },
    parent: extractTraceparent(traceparent === null ? {} : { traceparent }),
  }))
  await withSpans(tracer, 'release', spans, (contexts) => publish(options, job, placed, contexts))
  metrics.relayReleased.inc(leased.length)
  return leased.length === limit ? 'more' : 'done'
}

function windowOf(
  { wantedSlots, windowMs = 300_000, minTasks = 1_000 }: RelayOptions,
  job: JobRow,
): WindowPolicy {
  // Costs are as they were predicted; the job's factor says what they turn out to be.
  return { costLimit: (wantedSlots(job) * windowMs) / job.costFactor, minTasks }
}

/** The window's least number counts files, whether a task has one or many. */
function objectsPerTask(job: JobRow): number {
  return job.kind === 'finite' ? maxChunkObjects : 1
}

async function publish(
  { store, broker, clock }: RelayOptions,
  job: JobRow,
  tasks: readonly (LeasedTask & { partition: number })[],
  contexts: readonly Context[],
): Promise<void> {
  await broker.produce(
    job.topic,
    tasks.map((task, index) => ({
      key: task.id,
      partition: task.partition,
      value: JSON.stringify(toMessage(task, job)),
      headers: {
        ...envelopeHeaders(task.file_id === null ? 'chunkTask' : 'task', {
          id: `${task.id}.${task.attempt}`,
          source: `/jobs/${job.uid}`,
          time: clock(),
        }),
        ...injectTraceparent(contexts[index]),
      },
    })),
  )
  await markReleased(
    store.db,
    tasks.map(({ id, attempt, partition }) => ({ id, attempt, partition })),
    clock(),
  )
}

function toMessage(task: LeasedTask, job: JobRow): Task | ChunkTask {
  if (task.file_id === null) return toChunkMessage(task, job)
  return {
    taskId: task.id,
    attempt: task.attempt,
    tenantId: task.tenant_id,
    jobUid: job.uid,
    batchId: task.batch_id,
    options: task.options,
    objects: [
      {
        fileId: task.file_id,
        key: task.upload_key,
        name: task.name,
        ...(task.size !== null && { size: task.size }),
        ...(task.sha256 !== null && { sha256: task.sha256 }),
      },
    ],
  }
}

function toChunkMessage(task: LeasedChunk, job: JobRow): ChunkTask {
  if (job.source === null || job.output === null) {
    throw new KompressorError('internal', `job ${job.uid} has chunks but no source`)
  }
  return {
    kind: 'chunk',
    taskId: task.id,
    attempt: task.attempt,
    tenantId: task.tenant_id,
    jobUid: job.uid,
    batchId: task.batch_id,
    options: task.options,
    attemptsLeft: Math.max(1, job.maxAttempts - task.failures),
    source: job.source,
    output: job.output,
    ledger: ledgerPrefix(job),
    objects: task.objects,
  }
}
