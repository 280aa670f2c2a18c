import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { describeServices } from '../../test/support/services.ts'
import type { Broker, IncomingRecord, OutgoingRecord } from '../broker/index.ts'
import { defaultOptions } from '../codec/index.ts'
import { type Report, reportTopic } from '../messages/index.ts'
import {
  createBatch,
  createPostgresStore,
  eventsSince,
  queueFiles,
  requireBatch,
  type Store,
  sealBatch,
  upsertWebhook,
} from '../store/index.ts'
import { createLogger, createMetrics, startTracing } from '../telemetry/index.ts'
import { foldRecords, type ProjectorOptions, startRelay } from './index.ts'

const tenantId = 'default'
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const inTime = { timeout: 60_000, interval: 50 }

describeServices('several relays and projectors on one Postgres', () => {
  let database: TestDatabase
  /** As of two processes: pools of their own. */
  let stores: Store[] = []
  beforeAll(async () => {
    database = await createDatabase()
    stores = [
      await createPostgresStore({ url: database.url }),
      await createPostgresStore({ url: database.url }),
    ]
  }, 120_000)
  afterAll(async () => {
    for (const store of stores) await store.close()
    await database?.drop()
  })
  beforeEach(() => database.query('truncate batches, files, tasks, events cascade'))

  const store = (i: number): Store => {
    const found = stores[i]
    if (found === undefined) throw new Error(`there is no store ${i}`)
    return found
  }

  async function queued(batchId: string, count: number, tenant = tenantId, cost = 10): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, i) => `${batchId}-${String(i).padStart(4, '0')}`)
    const { db } = store(0)
    await createBatch(db, {
      id: batchId,
      tenantId: tenant,
      jobUid: 'default',
      options: defaultOptions,
      tags: {},
      expiresAt: new Date(Date.now() + 3_600_000),
      files: ids.map((id) => ({ id, name: id, size: 1, tags: {}, uploadKey: `in/${id}` })),
    })
    const now = new Date()
    await queueFiles(db, { tenantId: tenant, batchId, files: ids.map((id) => ({ id, cost })), now })
    await sealBatch(db, { tenantId: tenant, batchId, now })
    return ids
  }

  test('two projectors number the events of a batch without a gap and complete it once, whatever comes twice', async () => {
    const ids = await queued('b', 400)
    await upsertWebhook(store(0).db, { jobUid: 'default', url: 'https://a.example/', secret }, new Date())
    const records = ids.flatMap((id) => [recordOf(started(id)), recordOf(completed(id))])
    const folding = async (i: number) => {
      const options = await projector(store(i))
      // Each begins at another end, so that they meet, and both fold everything.
      const mine = i === 0 ? records : records.toReversed()
      for (let from = 0; from < mine.length; from += 50)
        await foldRecords(options, mine.slice(from, from + 50))
    }
    await Promise.all([folding(0), folding(1)])
    const events = await eventsSince(store(0).db, { batchId: 'b', after: 0, limit: 10_000 })
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1))
    expect(events.filter((event) => event.type === 'file.completed')).toHaveLength(400)
    expect(events.filter((event) => event.type === 'batch.completed')).toHaveLength(1)
    expect(events.at(-1)?.type).toBe('batch.completed')
    expect(await database.query('select batch_id, seq::int, type from webhook_deliveries')).toEqual([
      { batch_id: 'b', seq: events.at(-1)?.seq, type: 'batch.completed' },
    ])
    expect(await requireBatch(store(1).db, tenantId, 'b')).toMatchObject({
      state: 'completed',
      completed: 400,
      queued: 0,
      processing: 0,
      bytesIn: 400,
      bytesOut: 400,
    })
  }, 120_000)

  test('two relays release each task once, and a small tenant does not wait behind a large one', async () => {
    await queued('flood', 600, 'flood')
    await queued('small', 20, 'small')
    const produced: string[] = []
    const broker = noting(produced)
    const relays = await Promise.all(
      [0, 1].map(async (i) =>
        startRelay({
          ...(await deps()),
          store: store(i),
          broker,
          wantedSlots: () => 1,
          minTasks: 100,
          windowMs: 1,
        }),
      ),
    )
    // Both see room for a hundred at first; what one of them has released then counts for the other.
    await expect.poll(() => produced.length, inTime).toBeGreaterThanOrEqual(100)
    await Promise.all(relays.map((relay) => relay.stop()))
    expect(produced.length).toBeLessThanOrEqual(200)
    expect(new Set(produced).size).toBe(produced.length)
    expect(produced.filter((id) => id.startsWith('small'))).toHaveLength(20)
    const [row] = await database.query("select count(*)::int as released from tasks where state = 'released'")
    expect(row).toEqual({ released: produced.length })
  }, 120_000)
})

async function deps() {
  const logger = createLogger({ level: 'silent', format: 'json', destination: { write: () => undefined } })
  const { tracer } = await startTracing({ serviceName: 'test', env: {}, onError: () => undefined })
  return { logger, metrics: createMetrics({ processMetrics: false }), tracer, clock: () => new Date() }
}

async function projector(store: Store): Promise<ProjectorOptions> {
  const onCrash = (error: Error) => {
    throw error
  }
  return { ...(await deps()), store, broker: noting([]), random: Math.random, onCrash }
}

/** Takes what is produced; nobody consumes here. */
function noting(keys: string[]): Broker {
  const unused = () => Promise.reject(new Error('not used here'))
  return {
    produce: async (_topic: string, records: readonly OutgoingRecord[]) => {
      keys.push(...records.flatMap(({ key }) => key ?? []))
      return records.map((_, i) => ({ partition: 0, offset: BigInt(i) }))
    },
    ensureTopic: unused,
    deleteTopic: unused,
    consumeEach: unused,
    consumeBatches: unused,
    lag: unused,
    deleteCommitted: unused,
    close: async () => undefined,
  }
}

function recordOf(report: Report): IncomingRecord {
  const value = JSON.stringify(report)
  return {
    topic: reportTopic,
    partition: 0,
    offset: 0n,
    key: report.fileId,
    value,
    headers: {},
    timestamp: Date.now(),
  }
}

function base(fileId: string) {
  const at = new Date().toISOString()
  return {
    taskId: fileId,
    fileId,
    attempt: 1,
    batchId: fileId.slice(0, -5),
    jobUid: 'default',
    worker: 'w',
    at,
  }
}

function started(fileId: string): Report {
  return { ...base(fileId), kind: 'started', seq: 0 }
}

function completed(fileId: string): Report {
  const output = { name: fileId, type: 'text/plain', bytes: 1, sha256: 'a', key: `out/${fileId}`, etag: 'e' }
  const result = { outcome: 'compressed' as const, bytesIn: 1, bytesOut: 1, cpuMs: 1, type: 'text/plain' }
  return { ...base(fileId), kind: 'completed', seq: 1, result: { ...result, outputs: [output] } }
}
