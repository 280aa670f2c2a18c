import type { Broker } from '../../internal/broker/index.ts'
import { defaultOptions } from '../../internal/codec/index.ts'
import { startProjector } from '../../internal/delivery/index.ts'
import { deadLetterTopic, envelopeHeaders, type Report, reportTopic } from '../../internal/messages/index.ts'
import {
  createBatch,
  createPostgresStore,
  queueFiles,
  requireBatch,
  type Store,
  sealBatch,
} from '../../internal/store/index.ts'
import { createLogger, createMetrics, startTracing } from '../../internal/telemetry/index.ts'
import { withDataPlane } from '../support/data-plane.ts'
import type { BenchOptions, Row } from '../support/result.ts'

const tenantId = 'default'
const perStatement = 1_000

/** How fast one projector folds a backlog: start and outcome of each file, from Kafka into Postgres. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const count = short ? 2_000 : 40_000
  return withDataPlane(async ({ databaseUrl, broker }) => {
    const store = await createPostgresStore({ url: databaseUrl })
    try {
      for (const topic of [reportTopic, deadLetterTopic]) await broker.ensureTopic(topic, { partitions: 1 })
      await report(broker, await queued(store, count))
      const seconds = await folding(store, broker)
      const perSecond = count / seconds
      return [
        {
          what: `${count} results folded from Kafka into Postgres by one projector`,
          measured: `${perSecond.toFixed(0)} results/s`,
          values: { resultsPerSecond: perSecond },
          bar: 'at least 5,000 results/s',
          met: perSecond >= 5_000,
        },
      ]
    } finally {
      await store.close()
    }
  })
}

async function queued({ db }: Store, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `file-${String(i).padStart(6, '0')}`)
  const batch = { id: 'bench', tenantId, jobUid: 'default', options: defaultOptions, tags: {} }
  const expiresAt = new Date(Date.now() + 3_600_000)
  const files = ids.map((id) => ({ id, name: id, size: 100_000, tags: {}, uploadKey: `in/${id}` }))
  await createBatch(db, { ...batch, expiresAt, files })
  const now = new Date()
  for (let from = 0; from < count; from += perStatement) {
    const some = ids.slice(from, from + perStatement).map((id) => ({ id, cost: 100 }))
    await queueFiles(db, { tenantId, batchId: 'bench', files: some, now })
  }
  await sealBatch(db, { tenantId, batchId: 'bench', now })
  return ids
}

async function report(broker: Broker, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += perStatement) {
    const reports = ids.slice(from, from + perStatement).flatMap((id) => [started(id), completed(id)])
    await broker.produce(
      reportTopic,
      reports.map((each) => ({ key: each.fileId, value: JSON.stringify(each), headers: headersOf(each) })),
    )
  }
}

/** Seconds from the projector's start to the end of the batch. */
async function folding(store: Store, broker: Broker): Promise<number> {
  const logger = createLogger({ level: 'warn', format: 'json', destination: process.stderr })
  const { tracer } = await startTracing({ serviceName: 'bench', env: {}, onError: () => undefined })
  const ended = Promise.withResolvers<number>()
  const look = async () => {
    const { state } = await requireBatch(store.db, tenantId, 'bench')
    if (state === 'completed') ended.resolve(performance.now())
  }
  const unlisten = await store.listen('events', () => void look().catch(ended.reject))
  const begun = performance.now()
  const projector = await startProjector({
    store,
    broker,
    logger,
    tracer,
    metrics: createMetrics({ processMetrics: false }),
    clock: () => new Date(),
    random: Math.random,
    onCrash: ended.reject,
  })
  try {
    return ((await ended.promise) - begun) / 1000
  } finally {
    await projector.stop()
    await unlisten()
  }
}

function base(fileId: string) {
  const at = new Date().toISOString()
  return { taskId: fileId, fileId, attempt: 1, batchId: 'bench', jobUid: 'default', worker: 'bench', at }
}

function started(fileId: string): Report {
  return { ...base(fileId), kind: 'started', seq: 0 }
}

function completed(fileId: string): Report {
  const type = 'image/jpeg'
  const output = {
    name: fileId,
    type,
    bytes: 50_000,
    sha256: 'a'.repeat(64),
    key: `out/${fileId}`,
    etag: 'e',
  }
  const result = { outcome: 'compressed' as const, bytesIn: 100_000, bytesOut: 50_000, cpuMs: 100, type }
  return { ...base(fileId), kind: 'completed', seq: 1, result: { ...result, outputs: [output] } }
}

function headersOf({ taskId, attempt, seq, at }: Report): Record<string, string> {
  return envelopeHeaders('report', {
    id: `${taskId}.${attempt}.${seq}`,
    source: '/bench',
    time: new Date(at),
  })
}
