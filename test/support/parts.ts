import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Broker, createEmbeddedBroker, type IncomingRecord } from '../../internal/broker/index.ts'
import { type CompressionOptions, defaultOptions } from '../../internal/codec/index.ts'
import type { DeliveryDeps } from '../../internal/delivery/index.ts'
import { deadLetterTopic, reportTopic, type Task } from '../../internal/messages/index.ts'
import { createFsObjectStore, type FsObjectStore } from '../../internal/objects/index.ts'
import {
  acceptLoneFile,
  createPGliteStore,
  type FileRow,
  type PGliteStore,
  requireFile,
} from '../../internal/store/index.ts'
import { createLogger, createMetrics, startTracing } from '../../internal/telemetry/index.ts'

/** What the first migration makes. */
export const job = {
  uid: 'default',
  topic: 'file-compression',
  group: 'kompressor-workers',
} as const
export const tenantId = 'default'

export interface Submission {
  name?: string
  /** Declared to the service; what the bytes are when absent. */
  size?: number
  sha256?: string
  options?: CompressionOptions
  cost?: number
  jobUid?: string
  /** Default a day after now. */
  expiresAt?: Date
}

/**
 * Inside a test file: the real store in memory, the embedded broker on it and an object store in a temporary folder,
 * empty for each test, on a clock that stands still until the test moves it.
 */
export function useParts() {
  let store: PGliteStore
  let broker: Broker
  let objects: FsObjectStore
  let folder = ''
  let deps: DeliveryDeps
  let count = 0
  let now = 0
  /** What was logged in this test, one JSON object a line. */
  const logged: string[] = []

  beforeAll(async () => {
    store = await createPGliteStore()
  }, 120_000)
  afterAll(() => store.close())

  beforeEach(async () => {
    now = Date.parse('2026-01-01T00:00:00Z')
    logged.length = 0
    folder = await mkdtemp(join(tmpdir(), 'kompressor-parts-'))
    await store.client.exec(`
      truncate batches, files, tasks, events, object_deletions, idempotency_keys, activity, plans, tallies,
        webhooks, webhook_deliveries;
      delete from jobs where uid <> 'default';
      update jobs set state = 'active', partitions = 2, max_attempts = 5, initial_backoff_ms = 1000;
      drop schema if exists broker cascade;`)
    broker = await createEmbeddedBroker({ db: store.client, clock: () => now })
    await broker.ensureTopic(job.topic, { partitions: 2 })
    await broker.ensureTopic(reportTopic, { partitions: 1 })
    await broker.ensureTopic(deadLetterTopic, { partitions: 1 })
    objects = await createFsObjectStore({
      root: join(folder, 'objects'),
      durable: false,
      secret: 'a secret of these tests',
      publicUrl: () => 'http://localhost',
      now: () => new Date(now),
    })
    const { tracer } = await startTracing({ serviceName: 'test', env: {}, onError: () => undefined })
    deps = {
      clock: () => new Date(now),
      logger: createLogger({
        level: 'debug',
        format: 'json',
        destination: { write: (line) => void logged.push(line) },
      }),
      metrics: createMetrics(),
      tracer,
    }
  })
  afterEach(async () => {
    await broker.close()
    await objects.close()
    await rm(folder, { recursive: true })
  })

  /** Stores the bytes and queues a file of them, as the API does. */
  async function submit(bytes: Buffer, submission: Submission = {}): Promise<FileRow> {
    const id = `f-${String(++count).padStart(6, '0')}`
    const uploadKey = `in/${tenantId}/${id}`
    await objects.put(uploadKey, Readable.from([bytes]))
    return queue(id, { size: bytes.length, sha256: sha256(bytes), ...submission })
  }

  /** Queues a file whose bytes nobody stored. */
  async function queue(id: string, submission: Submission = {}): Promise<FileRow> {
    const { name = `${id}.bin`, size, options = defaultOptions, cost = 10, jobUid = job.uid } = submission
    return acceptLoneFile(store.db, {
      tenantId,
      jobUid,
      newBatchId: `b-${id}`,
      options,
      expiresAt: submission.expiresAt ?? new Date(now + 86_400_000),
      file: {
        id,
        name,
        tags: {},
        uploadKey: `in/${tenantId}/${id}`,
        ...(size !== undefined && { size }),
        ...(submission.sha256 !== undefined && { sha256: submission.sha256 }),
      },
      cost,
      now: new Date(now),
    })
  }

  return {
    get store() {
      return store
    },
    get broker() {
      return broker
    },
    get objects() {
      return objects
    },
    get deps() {
      return deps
    },
    get folder() {
      return folder
    },
    logged,
    submit,
    queue,
    now: () => new Date(now),
    /** Moves the clock of every part. */
    advance(ms: number): void {
      now += ms
    },
    /** As after a crash of the process: the same database, a broker that knows nothing else. */
    async reopenBroker(): Promise<Broker> {
      await broker.close()
      broker = await createEmbeddedBroker({ db: store.client, clock: () => now })
      return broker
    },
    file: (id: string) => requireFile(store.db, tenantId, id),
    /** Everything in the topic, in order of partition and offset. */
    records: (topic: string) => readTopic(broker, topic, `reader-${++count}`),
    async keys(prefix = ''): Promise<string[]> {
      return (await objects.list({ prefix })).items.map((item) => item.key)
    },
    /** Wakes whoever listens for tasks, as every transaction that makes one does. */
    notifyTasks: () => store.db.execute(sql`select pg_notify('tasks', '')`),
    scratch: () => join(folder, 'scratch'),
    scratchFiles: () => readdir(join(folder, 'scratch')),
  }
}

export type TestParts = ReturnType<typeof useParts>

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The record the relay would publish for a file. */
export function taskOf(file: FileRow, options: CompressionOptions = defaultOptions): Task {
  return {
    taskId: file.id,
    attempt: file.attempt,
    tenantId: file.tenantId,
    jobUid: file.jobUid,
    batchId: file.batchId,
    options,
    objects: [
      {
        fileId: file.id,
        key: file.uploadKey,
        name: file.name,
        ...(file.size !== null && { size: file.size }),
        ...(file.sha256 !== null && { sha256: file.sha256 }),
      },
    ],
  }
}

/** `expect` of what a condition comes to; machines that test are busy. */
export function eventually<T>(condition: () => T | Promise<T>) {
  return expect.poll(() => condition(), { timeout: 20_000, interval: 20 })
}

/** What a group has not done yet. */
export async function lagOf(broker: Broker, group: string, topic: string): Promise<number> {
  return (await broker.lag(group, topic)).reduce((sum, partition) => sum + partition.lag, 0)
}

async function readTopic(broker: Broker, topic: string, group: string): Promise<IncomingRecord[]> {
  const total = await lagOf(broker, group, topic)
  const records: IncomingRecord[] = []
  if (total === 0) return records
  const all = Promise.withResolvers<void>()
  const consumer = await broker.consumeBatches({
    topic,
    group,
    maxBatch: 1_000,
    onCrash: all.reject,
    handle: async (batch) => {
      records.push(...batch)
      if (records.length >= total) all.resolve()
    },
  })
  await all.promise
  await consumer.stop()
  return records
}
