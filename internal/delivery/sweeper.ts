import type { Broker } from '../broker/index.ts'
import { reportTopic } from '../messages/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import {
  cancelBatch,
  deleteBatch,
  dueObjectDeletions,
  expiredBatches,
  expireUploads,
  forgetActivity,
  forgetCancellations,
  forgetIdempotencyKeys,
  forgetObjectDeletions,
  type JobRow,
  listJobs,
  openWork,
  releaseAgain,
  type Store,
  sampleOpenTasks,
  statesOfFiles,
  unfinishedCancellations,
} from '../store/index.ts'
import type { DeliveryDeps } from './deps.ts'
import { inTurn } from './in-turn.ts'
import { startLoop } from './loop.ts'
import { projectorGroup } from './projector.ts'
import { sweepUploads, uploadsOf, withFileId } from './sweep-uploads.ts'

export interface SweeperOptions extends DeliveryDeps {
  store: Store
  broker: Broker
  objects: ObjectStore
  /** Objects without a row are deleted at this age, and looked for 24 times in it, milliseconds. Default 24 h. */
  orphanAgeMs?: number
  /** How long idempotency keys are remembered, milliseconds. Default 24 h. */
  idempotencyRetentionMs?: number
  /** Between two sweeps, milliseconds. Default 20 s. */
  intervalMs?: number
  /** How long both lags must have been zero before released tasks count as lost, milliseconds. Default 60 s. */
  quietMs?: number
}

export interface Sweeper {
  /** One sweep now, beside those of its own; ends early, between two pages, when the signal fires. */
  sweep(signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
}

const page = 500
/** For sweeps nobody stops. */
const never = AbortSignal.any([])
/** Between two rounds of upkeep: records and uploads that are done with are deleted, tables are vacuumed. */
const upkeepMs = 60_000
/** Between two looks at how much is open: each of the shortest slices of the charts gets one. */
const sampleMs = 5_000
const day = 24 * 60 * 60_000

/**
 * Puts right what no message will: tasks whose records are gone, uploads that never came, batches past their retention,
 * objects nobody refers to. Each step is repeatable and bounded; several sweepers do no harm.
 */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { intervalMs = 20_000, orphanAgeMs = day, logger, clock } = options
  const quietSince = new Map<string, number>()
  let orphansDue = 0
  let upkeepDue = 0

  async function sweep(signal = never): Promise<void> {
    // Kafka or a store that is away, or a topic that is gone, must not keep the rest waiting.
    await inTurn([
      () => releaseLost(options, quietSince),
      () => finishCancellations(options, signal),
      () => expire(options, signal),
      () => deleteObjects(options, signal),
      ...dueSteps(signal),
    ])
  }

  /** What not every sweep does. */
  function dueSteps(signal: AbortSignal): (() => Promise<void>)[] {
    const steps: (() => Promise<void>)[] = []
    const now = clock().getTime()
    if (signal.aborted) return steps
    if (now >= upkeepDue) {
      upkeepDue = now + upkeepMs
      steps.push(
        () => trimTopics(options),
        () => sweepUploads(options, { orphanAgeMs, signal }),
        () => forgetActivity(options.store.db, clock()),
        () => options.store.maintain(),
      )
    }
    if (now >= orphansDue) {
      orphansDue = now + Math.max(intervalMs, orphanAgeMs / 24)
      steps.push(() => deleteOrphans(options, signal))
    }
    return steps
  }

  const loop = startLoop({
    round: async (signal) => {
      await sweep(signal)
      return intervalMs
    },
    minIntervalMs: intervalMs,
    errorDelayMs: intervalMs,
    onError: (error) => logger.error({ error }, 'a sweep failed; the next one tries again'),
  })
  const sampler = startLoop({
    round: async () => {
      await sampleOpenTasks(options.store.db, clock())
      return sampleMs
    },
    minIntervalMs: sampleMs,
    errorDelayMs: sampleMs,
    onError: (error) => logger.warn({ error }, 'the open tasks could not be counted'),
  })
  return {
    sweep,
    stop: async () => {
      await Promise.all([loop.stop(), sampler.stop()])
    },
  }
}

/**
 * A released task whose record is neither waiting for a worker nor its outcome waiting to be folded has been lost with
 * its topic or its offsets. Both lags must have been zero for a while: a worker reports before it commits.
 */
async function releaseLost(options: SweeperOptions, quietSince: Map<string, number>): Promise<void> {
  const jobs = await listJobs(options.store.db)
  await inTurn(jobs.map((job) => () => releaseLostOf(options, job, quietSince)))
}

async function releaseLostOf(
  { store, broker, clock, quietMs = 60_000, metrics, logger }: SweeperOptions,
  job: JobRow,
  quietSince: Map<string, number>,
): Promise<void> {
  const before = quietSince.get(job.uid)
  // Until the lags are known to be zero again: who cannot be asked is not quiet.
  quietSince.delete(job.uid)
  const open = await openWork(store.db, job.uid)
  const quiet =
    open.length > 0 &&
    (await lagOf(broker, job.consumerGroup, job.topic)) === 0 &&
    (await lagOf(broker, projectorGroup, reportTopic)) === 0
  if (!quiet) return
  const now = clock()
  const since = before ?? now.getTime()
  if (now.getTime() - since < quietMs) {
    quietSince.set(job.uid, since)
    return
  }
  const count = await releaseAgain(store.db, { jobUid: job.uid, releasedBefore: new Date(since), now })
  if (count === 0) return
  metrics.sweeps.inc({ kind: 'released_again' }, count)
  logger.warn({ job: job.uid, count }, 'released tasks had no records any more; releasing them again')
}

async function lagOf(broker: Broker, group: string, topic: string): Promise<number> {
  const partitions = await broker.lag(group, topic)
  return partitions.reduce((sum, partition) => sum + partition.lag, 0)
}

/** A process died between marking a batch cancelled and cancelling the last of its files. */
async function finishCancellations({ store, clock }: SweeperOptions, signal: AbortSignal): Promise<void> {
  for (const { id, tenantId } of await unfinishedCancellations(store.db)) {
    if (signal.aborted) return
    await cancelBatch(store.db, { tenantId, batchId: id, now: clock() })
  }
}

async function expire(
  { store, clock, metrics, idempotencyRetentionMs = day }: SweeperOptions,
  signal: AbortSignal,
): Promise<void> {
  const now = clock()
  const uploads = await expireUploads(store.db, { now, limit: page })
  metrics.sweeps.inc({ kind: 'upload_expired' }, uploads)
  for (const { id, tenantId } of await expiredBatches(store.db, { now, limit: page })) {
    if (signal.aborted) return
    await deleteBatch(store.db, { tenantId, batchId: id, now })
    metrics.sweeps.inc({ kind: 'retention' })
  }
  await forgetIdempotencyKeys(store.db, new Date(now.getTime() - idempotencyRetentionMs))
  await forgetCancellations(store.db, new Date(now.getTime() - day))
}

/** Deletes the bytes of deleted rows. The keys are forgotten after the objects are gone, so a crash does it again. */
async function deleteObjects({ store, objects }: SweeperOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const keys = await dueObjectDeletions(store.db, page)
    if (keys.length === 0) return
    await objects.delete(keys)
    for (const { key, uploadId } of await uploadsOf(objects, keys)) await objects.abortUpload(key, uploadId)
    await forgetObjectDeletions(store.db, keys)
  }
}

/** Records every consumer is done with are of no use to anybody. */
async function trimTopics({ store, broker }: SweeperOptions): Promise<void> {
  const jobs = await listJobs(store.db)
  await inTurn([
    ...jobs.map((job) => () => broker.deleteCommitted(job.consumerGroup, job.topic)),
    () => broker.deleteCommitted(projectorGroup, reportTopic),
  ])
}

/** Uploads that were cut off before their row, outputs of a worker that died before its report. */
async function deleteOrphans(
  { store, objects, clock, metrics, orphanAgeMs = day }: SweeperOptions,
  signal: AbortSignal,
): Promise<void> {
  const before = clock().getTime() - orphanAgeMs
  for (const prefix of ['in/', 'out/']) {
    let startAfter: string | undefined
    do {
      const { items, next } = await objects.list({ prefix, limit: page, ...(startAfter && { startAfter }) })
      const old = items.filter((item) => item.lastModified.getTime() < before).flatMap(withFileId)
      const existing = await statesOfFiles(store.db, [...new Set(old.map(({ fileId }) => fileId))])
      const orphans = old.filter(({ fileId }) => !existing.has(fileId)).map(({ key }) => key)
      if (orphans.length > 0) await objects.delete(orphans)
      metrics.sweeps.inc({ kind: 'orphan' }, orphans.length)
      startAfter = next
    } while (startAfter !== undefined && !signal.aborted)
  }
}
