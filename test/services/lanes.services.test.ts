import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, createKafkaBroker } from '../../internal/broker/index.ts'
import { forgetOffsets } from '../../internal/broker/kafkajs/testing/index.ts'
import { parseReport } from '../../internal/messages/index.ts'
import { createS3ObjectStore, type S3ObjectStore } from '../../internal/objects/index.ts'
import { fixtures } from '../fixtures/index.ts'
import { batchSchema, fileSchema } from '../standalone/client.ts'
import type { Service } from '../support/service.ts'
import { describeOwnServices, useBucket, useDatabase, useKafka } from '../support/services.ts'
import { type Cluster, createCluster } from './cluster.ts'

const inTime = { timeout: 240_000, interval: 100 }
const topic = 'file-compression'
const group = 'kompressor-workers'
const urgent = ['--job', 'urgent', '--topic', `${topic}.urgent`, '--group', `${group}.urgent`]
/** Tasks a worker of one slot has in hand at most: one in work, two fetched. */
const inHand = 3

describeOwnServices('an API whose workers come and go', () => {
  const database = useDatabase()
  const servers = useKafka()
  const bucket = useBucket()
  let cluster: Cluster
  let api: Service
  let worker: Service
  let broker: Broker
  let objects: S3ObjectStore
  /** How often a file was reported completed, whatever became of the reports. */
  const compressions = new Map<string, number>()

  beforeAll(async () => {
    cluster = await createCluster({ servers: servers(), databaseUrl: database(), bucket: bucket() })
    api = await cluster.startApi(['--ingest', 'urgent'])
    worker = await cluster.startWorker(api)
    objects = await createS3ObjectStore({ ...servers().s3, bucket: bucket() })
    broker = createKafkaBroker({ brokers: servers().kafkaBrokers, clientId: 'auditor' })
    await broker.consumeBatches({
      topic: 'file-status-updates',
      group: 'auditor',
      maxBatch: 100,
      onCrash: (error) => expect.unreachable(String(error)),
      handle: async (records) => {
        for (const report of records.map(({ value }) => parseReport(value))) {
          if (report.kind !== 'completed') continue
          compressions.set(report.fileId, (compressions.get(report.fileId) ?? 0) + 1)
        }
      },
    })
  }, 600_000)
  afterAll(async () => {
    await broker?.close()
    await objects?.close()
    await cluster?.stop()
  }, 120_000)

  const post = async (path: string, body: object | Buffer = {}): Promise<unknown> => {
    const bytes = Buffer.isBuffer(body)
    const response = await fetch(`${api.url}${path}`, {
      method: 'POST',
      body: bytes ? new Uint8Array(body) : JSON.stringify(body),
      headers: { 'content-type': bytes ? 'application/octet-stream' : 'application/json' },
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  const createBatch = async (settings: object = {}) =>
    batchSchema.parse(await post('/v1/batches', { files: [], ...settings })).id
  let names = 0
  const addFile = async (batch: string, bytes: Buffer) =>
    fileSchema.parse(await post(`/v1/files?batch=${batch}&name=${names++}`, bytes)).id
  const addFiles = async (batch: string, count: number) => {
    const ids: string[] = []
    for (let i = 0; i < count; i++) ids.push(await addFile(batch, await photo(names)))
    return ids
  }
  const batchOf = async (id: string) =>
    batchSchema.parse(await (await fetch(`${api.url}/v1/batches/${id}`)).json())
  const stateOf = async (id: string) =>
    fileSchema.parse(await (await fetch(`${api.url}/v1/files/${id}`)).json()).state
  const isComplete = (id: string) =>
    expect.poll(async () => (await batchOf(id)).state, inTime).toBe('completed')

  test('goes from one to three and back under load, and little is done twice', async () => {
    const batch = await createBatch()
    const ids: string[] = []
    let goesOn = true
    const load = (async () => {
      while (goesOn) ids.push(...(await addFiles(batch, 4)))
    })()
    await expect.poll(() => compressions.size, inTime).toBeGreaterThan(10)
    const more = await Promise.all([cluster.startWorker(api), cluster.startWorker(api)])
    await expect
      .poll(async () => Math.min(...(await Promise.all(more.map(compressed)))), inTime)
      .toBeGreaterThan(4)
    const stopped = await Promise.all(more.map((one) => one.stop()))
    goesOn = false
    await load
    await post(`/v1/batches/${batch}/complete`)
    await isComplete(batch)

    expect(stopped).toEqual([0, 0])
    expect((await batchOf(batch)).files).toMatchObject({ completed: ids.length })
    await expect.poll(() => ids.every((id) => compressions.has(id)), inTime).toBe(true)
    const extra = ids.reduce((sum, id) => sum + (compressions.get(id) ?? 0) - 1, 0)
    // What the one had in hand when two came, and what the two had when they went.
    expect(extra).toBeLessThanOrEqual(inHand + 2 * inHand)
  }, 900_000)

  test('answers for urgent files at once while others flood it', async () => {
    const hurried = await cluster.startWorker(api, urgent)
    const latency = async (job: string) => {
      const batch = await createBatch({ job })
      const startedAt = performance.now()
      const id = await addFile(batch, await photo(names))
      while ((await stateOf(id)) !== 'completed') await delay(20)
      return performance.now() - startedAt
    }
    await latency('urgent')
    const flood = await createBatch()
    await Promise.all(Array.from({ length: 4 }, () => addFiles(flood, 50)))
    await post(`/v1/batches/${flood}/complete`)
    const behind = latency('default')
    const ahead = [await latency('urgent'), await latency('urgent'), await latency('urgent')]
    // All three came and went while the flood was going on.
    expect((await batchOf(flood)).state).not.toBe('completed')
    expect(Math.max(...ahead) / (await behind)).toBeLessThan(0.5)
    await isComplete(flood)
    expect(await hurried.stop()).toBe(0)
  }, 900_000)

  test('drops the result of a cancelled file whose worker did not hear of it, and deletes its output', async () => {
    const deaf = await cluster.startWorker({ url: 'http://127.0.0.1:9' }, urgent)
    const batch = await createBatch({ job: 'urgent', options: { data: { codec: 'Brotli', level: 11 } } })
    const slow = Buffer.concat(Array.from({ length: 40 }, (_, i) => fixtures.log({ seed: i })))
    const id = await addFile(batch, slow)
    await expect.poll(() => stateOf(id), inTime).toBe('processing')
    await post(`/v1/batches/${batch}/cancel`)
    expect(await stateOf(id)).toBe('cancelled')
    await expect.poll(() => compressions.get(id), inTime).toBe(1)
    expect(await metricsOf(deaf)).toContain('operation="PutObject",outcome="ok"} 1')
    const outputs = async () => (await objects.list({ prefix: `out/default/${id}/` })).items.length
    await expect.poll(outputs, inTime).toBe(0)
    expect(await stateOf(id)).toBe('cancelled')
    expect((await batchOf(batch)).files).toMatchObject({ completed: 0, cancelled: 1 })
    expect(await deaf.stop()).toBe(0)
  }, 900_000)

  test('loses and repeats nothing of a suspended job whose offsets have expired', async () => {
    const client = new pg.Client({ connectionString: database() })
    await client.connect()
    const setState = (state: string) =>
      client.query("update jobs set state = $1 where uid = 'default'", [state])
    try {
      const before = await createBatch()
      const ids = await addFiles(before, 6)
      await post(`/v1/batches/${before}/complete`)
      await isComplete(before)
      await setState('suspended')
      const after = await createBatch()
      ids.push(...(await addFiles(after, 6)))
      await post(`/v1/batches/${after}/complete`)

      expect(await worker.stop()).toBe(0)
      // A sweeper deletes what is done when it starts, and every minute.
      await cluster.startApi(['--roles', 'sweeper'])
      // Nobody has read for this group yet: before it is all the topic holds.
      const left = async () =>
        (await broker.lag('newcomers', topic)).reduce((sum, partition) => sum + partition.lag, 0)
      await expect.poll(left, inTime).toBe(0)
      await forgetOffsets(servers().kafkaBrokers, group)
      worker = await cluster.startWorker(api)
      await setState('active')
      await isComplete(after)
      expect(ids.map((id) => compressions.get(id))).toEqual(ids.map(() => 1))
    } finally {
      await client.end()
    }
  }, 900_000)
})

function photo(seed: number): Promise<Buffer> {
  return fixtures.photo({ width: 320, height: 240, seed, format: 'jpeg' })
}

async function metricsOf(service: Service): Promise<string> {
  return (await fetch(`${service.url}/metrics`)).text()
}

/** Files a worker has compressed. */
async function compressed(worker: Service): Promise<number> {
  const counts = (await metricsOf(worker)).matchAll(/^kompressor_compression_seconds_count\{[^}]*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, n]) => sum + Number(n), 0)
}
