import type { Broker, IncomingRecord } from '../broker/index.ts'
import { toKompressorError } from '../errors/index.ts'
import {
  type ChunkDeadLetter,
  type ChunkReport,
  type DeadLetter,
  deadLetterTopic,
  envelopeHeaders,
  isChunkReport,
  parseReport,
  type Report,
  reportTopic,
  requireType,
  unreadableHeaders,
} from '../messages/index.ts'
import { pause } from '../pause/index.ts'
import {
  type ChunkChange,
  changeChunks,
  changeFiles,
  type FileChange,
  type JobRow,
  listJobs,
  lockBatches,
  queueObjectDeletions,
  type Store,
} from '../store/index.ts'
import { extractTraceparent, SpanKind, type SpanSettings, withSpans } from '../telemetry/index.ts'
import type { DeliveryDeps } from './deps.ts'
import { foldReports } from './fold.ts'
import { foldChunkReports } from './fold-chunk.ts'
import { recordChunkOutcome, recordOutcome } from './outcome-metrics.ts'
import { restMs } from './rest.ts'

export const projectorGroup = 'kompressor-projector'

export interface ProjectorOptions extends DeliveryDeps {
  store: Store
  broker: Broker
  random: () => number
  /** The database runs on this process's event loop: folds are small then, and leave it most of the time. */
  embedded?: boolean
  /** The projector cannot go on; the process should end and be started again. */
  onCrash: (error: Error) => void
}

/** Records a fold takes at most. */
const maxBatch = { embedded: 200, server: 500 } as const

/**
 * Folds what workers report into files, batches and events. Reports are committed after the transaction that folded
 * them and the dead letters it called for, so a crash folds them again, which changes nothing.
 */
export async function startProjector(
  options: ProjectorOptions,
): Promise<{ stop(options?: { graceMs?: number }): Promise<void> }> {
  const { broker, metrics, embedded = false } = options
  const most = maxBatch[embedded ? 'embedded' : 'server']
  const consumer = await broker.consumeBatches({
    topic: reportTopic,
    group: projectorGroup,
    maxBatch: most,
    onCrash: options.onCrash,
    handle: async (records, signal) => {
      const started = performance.now()
      await foldRecords(options, records)
      const tookMs = performance.now() - started
      await pause(restMs({ tookMs, isFull: records.length === most, embedded }), signal)
    },
  })
  const stopCollecting = metrics.onCollect('projector_lag', async () => {
    const lag = await broker.lag(projectorGroup, reportTopic)
    metrics.brokerLag.set(
      { topic: reportTopic, group: projectorGroup },
      lag.reduce((sum, p) => sum + p.lag, 0),
    )
  })
  return {
    async stop(stopOptions) {
      stopCollecting()
      await consumer.stop(stopOptions)
    },
  }
}

/** Folds one batch of records: the whole of the projector's work, callable alone. */
export async function foldRecords(
  options: ProjectorOptions,
  records: readonly IncomingRecord[],
): Promise<void> {
  const { metrics, tracer, clock, store, broker } = options
  const started = performance.now()
  await withSpans(tracer, 'fold', records.map(spanOf), async () => {
    const { reports, unreadable } = parseAll(records)
    const jobs = await policiesFor(store, reports)
    const { changes, chunks, deadLetters } = await fold(options, reports, jobs)
    await publishDeadLetters(broker, deadLetters, unreadable)
    for (const change of changes) recordOutcome(metrics, change)
    for (const change of chunks) recordChunkOutcome(metrics, change, reports)
  })
  const now = clock().getTime()
  metrics.folds.inc()
  metrics.foldSeconds.observe((performance.now() - started) / 1000)
  for (const record of records) {
    metrics.projectorDelaySeconds.observe(Math.max(0, now - record.timestamp) / 1000)
  }
}

/** A report is folded in the trace of the work it tells of. */
function spanOf({ topic, partition, offset, headers }: IncomingRecord): SpanSettings {
  return {
    kind: SpanKind.CONSUMER,
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': Number(offset),
      'messaging.consumer.group.name': projectorGroup,
    },
    parent: extractTraceparent(headers),
  }
}

/** The jobs that say how failures are retried, when there are failures. */
async function policiesFor(
  store: Store,
  reports: readonly (Report | ChunkReport)[],
): Promise<Map<string, JobRow>> {
  if (!reports.some(({ kind }) => kind === 'retry' || kind === 'chunk.outcome')) return new Map()
  return new Map((await listJobs(store.db)).map((job) => [job.uid, job]))
}

interface Unreadable {
  record: IncomingRecord
  error: Error
}

function parseAll(records: readonly IncomingRecord[]): {
  reports: (Report | ChunkReport)[]
  unreadable: Unreadable[]
} {
  const reports: (Report | ChunkReport)[] = []
  const unreadable: Unreadable[] = []
  for (const record of records) {
    try {
      requireType(['report', 'chunkReport'], record.headers)
      reports.push(parseReport(record.value))
    } catch (error) {
      unreadable.push({ record, error: toKompressorError(error) })
    }
  }
  return { reports, unreadable }
}

interface Outcome {
  changes: FileChange[]
  chunks: ChunkChange[]
  deadLetters: (DeadLetter | ChunkDeadLetter)[]
}

async function fold(
  { store, clock, random, logger }: ProjectorOptions,
  all: readonly (Report | ChunkReport)[],
  jobs: ReadonlyMap<string, JobRow>,
): Promise<Outcome> {
  const reports = all.filter((report): report is Report => !isChunkReport(report))
  const byFile = Map.groupBy(reports, (report) => report.fileId)
  const byChunk = Map.groupBy(all.filter(isChunkReport), (report) => report.taskId)
  const now = clock()
  const contextOf = (jobUid: string) => ({ policy: jobs.get(jobUid) ?? fallbackPolicy, now, random })
  return store.db.transaction(async (tx) => {
    const deadLetters: Outcome['deadLetters'] = []
    const unwanted: string[] = []
    const seen = new Set<string>()
    // All of them at once and in order, before anything else is locked.
    if (byChunk.size > 0) await lockBatches(tx, new Set(all.map((r) => r.batchId)))
    const scope = { batchIds: reports.map((r) => r.batchId), ids: [...byFile.keys()], now }
    const changes = await changeFiles(tx, scope, (rows) =>
      rows.flatMap((row) => {
        seen.add(row.id)
        const folded = foldReports(row, byFile.get(row.id) ?? [], contextOf(row.jobUid))
        unwanted.push(...folded.unwanted)
        if (folded.deadLetter) deadLetters.push(folded.deadLetter)
        return folded.change ? [folded.change] : []
      }),
    )
    const chunks = await changeChunks(tx, { ids: [...byChunk.keys()], now }, (row, batch) => {
      const folded = foldChunkReports(row, batch, byChunk.get(row.id) ?? [], contextOf(row.jobUid))
      if (folded.deadLetter) deadLetters.push(folded.deadLetter)
      if (folded.disbelieved) {
        logger.error({ report: folded.disbelieved }, 'the outcome of a chunk does not add up; it is left out')
      }
      return folded.change
    })
    // Files whose rows are gone: what was made of them must go too.
    for (const report of reports) {
      if (seen.has(report.fileId) || report.kind !== 'completed') continue
      unwanted.push(...report.result.outputs.map((output) => output.key))
    }
    await queueObjectDeletions(tx, unwanted)
    return { changes, chunks, deadLetters }
  })
}

/** For a file whose job is being deleted: its last failure ends it. */
const fallbackPolicy = { maxAttempts: 1, initialBackoffMs: 1_000, maxBackoffMs: 1_000 }

async function publishDeadLetters(
  broker: Broker,
  deadLetters: readonly (DeadLetter | ChunkDeadLetter)[],
  unreadable: readonly Unreadable[],
): Promise<void> {
  const records = [
    ...deadLetters.map((letter) => ({
      key: 'fileId' in letter ? letter.fileId : letter.taskId,
      value: JSON.stringify(letter),
      headers: envelopeHeaders('fileId' in letter ? 'deadLetter' : 'chunkDeadLetter', {
        id: 'fileId' in letter ? `${letter.fileId}.${letter.attempts}` : letter.taskId,
        source: '/projector',
        time: new Date(letter.at),
      }),
    })),
    ...unreadable.map(({ record, error }) => ({
      ...(record.key !== undefined && { key: record.key }),
      value: record.value,
      headers: unreadableHeaders(record.headers, { topic: record.topic, error }),
    })),
  ]
  if (records.length > 0) await broker.produce(deadLetterTopic, records)
}
