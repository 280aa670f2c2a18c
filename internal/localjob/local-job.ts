import { setTimeout } from 'node:timers/promises'
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid'
import { createEmbeddedBroker } from '../broker/index.ts'
import type { CodecLimits, CompressionOptions, Compressor } from '../codec/index.ts'
import { projectorGroup, startProjector, startRelay } from '../delivery/index.ts'
import { KompressorError } from '../errors/index.ts'
import { ledgerPrefix } from '../ledger/index.ts'
import {
  deadLetterTopic,
  type OutputRules,
  type PlanState,
  reportTopic,
  type SourceRules,
} from '../messages/index.ts'
import type { ObjectStore, Replica } from '../objects/index.ts'
import { checkTemplate } from '../outputs/index.ts'
import { pause } from '../pause/index.ts'
import { assemble, type OnStop, supervise } from '../process/index.ts'
import { startWork } from '../process/work.ts'
import { planSource, type ReadRules } from '../source/index.ts'
import { openDataDir } from '../standalone/index.ts'
import {
  addPage,
  type BatchRow,
  createFiniteJob,
  createPGliteStore,
  isUnwanted,
  type JobRow,
  listJobs,
  type PGliteStore,
  readPlan,
  requireBatch,
} from '../store/index.ts'
import type { Logger, Metrics, Tracer } from '../telemetry/index.ts'
import type { SourceStore } from '../worker/index.ts'
import { type FinishedJob, finishJob } from './finish.ts'

export interface LocalJob {
  name: string
  source: SourceRules & {
    reads: ReadRules
    /** What is listed, or has the list. */
    store?: Pick<ObjectStore, 'list' | 'get'>
    /** The list itself, where it lies in no bucket. */
    listText?: string
    /** What the files are read from. */
    files: SourceStore
  }
  output: OutputRules & {
    store: ObjectStore
    /** Further places for every output. */
    replicas?: readonly (Replica & { prefix: string })[]
  }
  options: CompressionOptions
  limits: CodecLimits
  compressor: Compressor
  /** Keeps how far the job is, so that the same call goes on after an interruption. Locked while the job runs. */
  stateDir: string
  logger: Logger
  metrics: Metrics
  tracer: Tracer
  clock: () => Date
  random: () => number
  /** Aborted: start nothing more, finish what is in work. */
  stop: AbortSignal
  onProgress: (progress: LocalProgress) => void
}

export interface LocalProgress {
  plan: PlanState
  batch: BatchRow
}

export type LocalOutcome = { kind: 'interrupted' } | ({ kind: 'completed' } & FinishedJob)

const tenantId = 'default'
/** Between two looks at how far it is, milliseconds. */
const lookMs = 250
/** Between two rounds of upkeep of the embedded database, milliseconds. */
const upkeepMs = 60_000
/** What files in work get when the job is interrupted, milliseconds. */
const graceMs = 30_000

/**
 * Runs a finite job in this process, with the same parts as a cluster's: planner, relay, worker and projector, over an
 * embedded database and broker in the state folder. Ends with the report and the index beside the ledger.
 *
 * Rejects with invalid_configuration (a template that could collide), data_dir_in_use, and what listing the source says.
 */
export async function runLocalJob(job: LocalJob): Promise<LocalOutcome> {
  checkTemplate(job.output.keyTemplate)
  const dir = await openDataDir(job.stateDir)
  try {
    const store = await createPGliteStore({ dataDir: dir.database })
    try {
      const stored = await openJob(store, job)
      const batch = await work(job, store, stored, dir.scratch)
      if (batch === undefined) return { kind: 'interrupted' }
      return { kind: 'completed', ...(await finishJob(job, store, batch, job.stateDir)) }
    } finally {
      await store.close()
    }
  } finally {
    dir.unlock()
  }
}

/** The job that was interrupted here, or a new one. */
async function openJob(store: PGliteStore, job: LocalJob): Promise<{ job: JobRow; batch: BatchRow }> {
  const { source } = job
  const { store: _output, ...output } = job.output
  const earlier = (await listJobs(store.db)).find(({ kind }) => kind === 'finite')
  // Random from its first digit on: those name the job's folder of notes.
  const uid = earlier?.uid ?? uuidv4()
  return createFiniteJob(store.db, {
    uid,
    tenantId,
    namespace: '',
    name: job.name,
    topic: 'local-job',
    consumerGroup: 'local-job',
    partitions: 1,
    maxAttempts: 5,
    initialBackoffMs: 1_000,
    maxBackoffMs: 60_000,
    source: { bucket: source.bucket, prefix: source.prefix },
    output: {
      prefix: output.prefix,
      keyTemplate: output.keyTemplate,
      onExisting: output.onExisting,
      preserve: output.preserve,
    },
    // It ends with the job; nothing sweeps here.
    batch: {
      id: uuidv7(),
      options: job.options,
      tags: {},
      expiresAt: new Date(job.clock().getTime() + 365 * 86_400_000),
    },
  })
}

/** Resolves with the batch when all of it has ended, or undefined when the job was interrupted. */
async function work(
  job: LocalJob,
  store: PGliteStore,
  { job: row, batch }: { job: JobRow; batch: BatchRow },
  scratchDir: string,
): Promise<BatchRow | undefined> {
  const halt = new AbortController()
  const signal = AbortSignal.any([job.stop, halt.signal])
  const assembled = await assemble(job.logger, async (onStop) => {
    await startParts(job, store, row, scratchDir, onStop)
    return ''
  })
  try {
    const planning = plan(job, store, row, signal)
    const following = follow(job, store, row, batch.id, signal)
    // Whichever fails ends the other.
    const ends = await Promise.allSettled([planning, following].map((part) => part.catch(haltOn(halt))))
    for (const end of ends) if (end.status === 'rejected' && !job.stop.aborted) throw end.reason
    return job.stop.aborted ? undefined : await requireBatch(store.db, tenantId, batch.id)
  } finally {
    await assembled.stop({ graceMs })
  }
}

function haltOn(halt: AbortController): (error: unknown) => never {
  return (error) => {
    halt.abort(error)
    throw error
  }
}

async function startParts(
  job: LocalJob,
  store: PGliteStore,
  row: JobRow,
  scratchDir: string,
  onStop: OnStop,
): Promise<void> {
  const { logger, metrics, tracer, clock, random, compressor, limits } = job
  const broker = await createEmbeddedBroker({ db: store.client })
  onStop('broker', () => broker.close())
  await broker.ensureTopic(row.topic, { partitions: 1 })
  await broker.ensureTopic(reportTopic, { partitions: 1 })
  await broker.ensureTopic(deadLetterTopic, { partitions: 1 })
  const deps = { store, broker, clock, logger, metrics, tracer }
  const projector = await supervise({
    name: 'projector',
    logger,
    start: (onCrash) => startProjector({ ...deps, embedded: true, random, onCrash }),
  })
  onStop('projector', (grace) => projector.stop({ graceMs: grace }))
  const control = { isUnwanted: (wanted: Parameters<typeof isUnwanted>[1]) => isUnwanted(store.db, wanted) }
  const { topic, consumerGroup: group } = row
  const { files: source } = job.source
  const { store: output, replicas = [] } = job.output
  const stores = { source, output, replicas }
  await startWork(
    {
      ...deps,
      objects: stores.output,
      job: stores,
      compressor,
      limits,
      scratchDir,
      topic,
      group,
      control,
      name: 'local',
    },
    onStop,
  )
  const relay = await startRelay({ ...deps, wantedSlots: () => compressor.slots })
  onStop('relay', () => relay.stop())
  const stopUpkeep = startUpkeep(logger, async () => {
    await broker.deleteCommitted(group, topic)
    await broker.deleteCommitted(projectorGroup, reportTopic)
    await store.maintain()
  })
  onStop('upkeep', stopUpkeep)
}

/** Keeps the embedded database small while a job takes hours. */
function startUpkeep(logger: Logger, upkeep: () => Promise<void>): () => Promise<void> {
  const stopping = new AbortController()
  const run = async () => {
    while (!stopping.signal.aborted) {
      await pause(upkeepMs, stopping.signal)
      if (!stopping.signal.aborted) {
        await upkeep().catch((error: unknown) => logger.warn({ error }, 'upkeep failed; it is tried again'))
      }
    }
  }
  const running = run()
  return () => {
    stopping.abort()
    return running
  }
}

function plan(job: LocalJob, store: PGliteStore, row: JobRow, signal: AbortSignal): Promise<PlanState> {
  const { source, output, options, clock } = job
  return planSource({
    reads: source.reads,
    source,
    output,
    options,
    ledger: ledgerPrefix(row),
    stores: { source: source.store, output: output.store },
    isReplicated: (output.replicas ?? []).length > 0,
    listText: source.listText,
    sink: {
      read: () => readPlan(store.db, row.uid),
      add: (page) => addPage(store.db, row.uid, page, clock()),
    },
    clock,
    signal,
  })
}

/** Says how far the job is until everything has ended. Rejects when it was interrupted or cancelled. */
async function follow(
  { onProgress }: LocalJob,
  store: PGliteStore,
  { uid }: JobRow,
  batchId: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const batch = await requireBatch(store.db, tenantId, batchId)
    onProgress({ batch, plan: await readPlan(store.db, uid) })
    if (batch.state === 'completed') return
    if (batch.state === 'cancelled') throw new KompressorError('cancelled', 'the job was cancelled')
    await setTimeout(lookMs, undefined, { signal })
  }
}
