import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { fixtures } from '../fixtures/index.ts'
import { type ApiBatch, batchSchema, createdSchema, fileSchema } from '../standalone/client.ts'
import type { Service } from '../support/service.ts'
import { describeOwnServices, useBucket, useDatabase, useKafka } from '../support/services.ts'
import { readEvents, type ServerEvent } from '../support/sse.ts'
import { type Cluster, createCluster } from './cluster.ts'

const inTime = { timeout: 240_000, interval: 100 }
const count = 12
/** What fetch decodes by itself. */
const gzip = { data: { codec: 'Gzip', as: 'ContentEncoding' } }

describeOwnServices('two APIs and two workers on Kafka, Postgres and S3', () => {
  const database = useDatabase()
  const servers = useKafka()
  const bucket = useBucket()
  let cluster: Cluster
  let apis: [Service, Service]
  let workers: Service[] = []

  beforeAll(async () => {
    cluster = await createCluster({ servers: servers(), databaseUrl: database(), bucket: bucket() })
    // Both at once: they migrate the same empty database and create the same topics.
    apis = await Promise.all([
      cluster.startApi(['--ingest', 'urgent']),
      cluster.startApi(['--ingest', 'urgent']),
    ])
    workers = await Promise.all([cluster.startWorker(apis[0]), cluster.startWorker(apis[1])])
  }, 600_000)
  afterAll(() => cluster?.stop(), 120_000)

  const post = async (url: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${url}: ${JSON.stringify(answer)}`)
    return answer
  }
  const batchOf = async (api: Service, id: string): Promise<ApiBatch> =>
    batchSchema.parse(await (await fetch(`${api.url}/v1/batches/${id}`)).json())

  /** Announces to one API, uploads to the store itself, and tells the other API that all is there. */
  async function submit(
    options: { job?: string } = {},
  ): Promise<{ id: string; contents: Map<string, Buffer> }> {
    const contents = new Map(
      Array.from({ length: count }, (_, i) => [
        `${i}.log`,
        Buffer.concat([fixtures.log(), Buffer.from(`${i}\n`)]),
      ]),
    )
    const files = [...contents].map(([name, bytes]) => ({ name, size: bytes.length }))
    const created = createdSchema.parse(
      await post(`${apis[0].url}/v1/batches`, { files, options: gzip, ...options }),
    )
    for (const { name, url, method, headers } of created.uploads.items) {
      const response = await fetch(url, { method, headers, body: new Uint8Array(contents.get(name) ?? []) })
      expect(response.status).toBe(200)
    }
    const complete = `${apis[1].url}/v1/batches/${created.id}/complete`
    await post(complete, { files: created.uploads.items.map((upload) => upload.fileId) })
    await post(complete, {})
    return { id: created.id, contents }
  }

  /** Follows a batch to its end on one API, from a position. */
  async function follow(api: Service, id: string, lastEventId = 0): Promise<ServerEvent[]> {
    const events: ServerEvent[] = []
    const done = new AbortController()
    const reading = readEvents(`${api.url}/v1/batches/${id}/events`, {
      lastEventId,
      signal: done.signal,
      onEvent: (event) => {
        events.push(event)
        if (typeOf(event) === 'batch.completed') done.abort()
      },
    })
    await reading.catch((error: unknown) => {
      if (!done.signal.aborted) throw error
    })
    return events
  }

  test('what is uploaded to the store comes back smaller, and every event of it in order, once', async () => {
    const { id, contents } = await submit()
    const events = await follow(apis[0], id)
    expect(events.map((event) => event.id)).toEqual(events.map((_, i) => i + 1))
    expect(events.filter((event) => typeOf(event) === 'file.completed')).toHaveLength(count)
    expect(await batchOf(apis[1], id)).toMatchObject({ state: 'completed', files: { completed: count } })

    const listed = await (await fetch(`${apis[1].url}/v1/batches/${id}/files`)).json()
    const { items } = listSchema.parse(listed)
    expect(items).toHaveLength(count)
    for (const file of items) {
      const [output] = file.result?.outputs ?? []
      expect(file.result?.bytesOut).toBeLessThan(file.result?.bytesIn ?? 0)
      // Fetch decodes it: it is what was uploaded.
      const bytes = Buffer.from(await (await fetch(output?.url ?? '')).arrayBuffer())
      expect(hash(bytes)).toBe(hash(contents.get(file.name) ?? Buffer.alloc(0)))
    }
  }, 300_000)

  test('each worker gets its share of the partitions, and of the work', async () => {
    const shares = async () => {
      await follow(apis[0], (await submit()).id)
      return (await Promise.all(workers.map(compressed))).every((files) => files > 0)
    }
    // Who joined last has its partitions only after the group has agreed on them.
    await expect.poll(shares, inTime).toBe(true)
  }, 300_000)

  test('a client goes on at the other API when its own is killed, and at its own when that is back', async () => {
    const first: ServerEvent[] = []
    const port = Number(new URL(apis[0].url).port)
    const { id } = await submit()
    const gone = new AbortController()
    const reading = readEvents(`${apis[0].url}/v1/batches/${id}/events`, {
      signal: gone.signal,
      onEvent: (event) => first.push(event),
    })
    await expect.poll(() => first.length, inTime).toBeGreaterThan(count)
    await Promise.all([apis[0].kill(), reading.catch(() => undefined)])
    const rest = await follow(apis[1], id, first.at(-1)?.id)
    const all = [...first, ...rest].map((event) => event.id)
    expect(all).toEqual(all.map((_, i) => i + 1))

    apis[0] = await cluster.startApi([], port)
    expect((await follow(apis[0], id)).map((event) => event.id)).toEqual(all)
  }, 600_000)

  test('the urgent job has a topic and workers of its own', async () => {
    const { id } = await submit({ job: 'urgent' })
    const worker = await cluster.startWorker(apis[1], [
      ...['--job', 'urgent', '--topic', 'file-compression.urgent', '--group', 'kompressor-workers.urgent'],
    ])
    await follow(apis[1], id)
    expect(await compressed(worker)).toBe(count)
  }, 600_000)

  test('a worker drops a file that is cancelled while it works on it', async () => {
    // Minutes of work, cut short.
    const slow = Buffer.concat(
      Array.from({ length: 400 }, (_, i) => Buffer.concat([fixtures.log(), Buffer.from(`${i}`)])),
    )
    const url = `${apis[1].url}/v1/files?name=slow.log&codec=Brotli&level=11`
    const file = fileSchema.parse(await (await fetch(url, { method: 'POST', body: slow })).json())
    const state = async () =>
      fileSchema.parse(await (await fetch(`${apis[1].url}/v1/files/${file.id}`)).json()).state
    await expect.poll(state, inTime).toBe('processing')
    const busy = async () => (await Promise.all(workers.map(busySlots))).reduce((a, b) => a + b, 0)
    expect(await busy()).toBe(1)
    await post(`${apis[1].url}/v1/batches/${file.batchId}/cancel`)
    const cancelledAt = performance.now()
    await expect.poll(busy, inTime).toBe(0)
    // Ten seconds are promised; machines that test are busy.
    expect(performance.now() - cancelledAt).toBeLessThan(60_000)
    expect(await state()).toBe('cancelled')
  }, 300_000)

  test('each process says that it is well, and what it does', async () => {
    for (const service of [...apis, ...workers]) {
      expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
      const ready = await fetch(`${service.url}/readyz`)
      expect(await ready.json()).toMatchObject({ ready: true })
      expect(await metricsOf(service)).toContain('kompressor_broker_lag')
    }
  }, 60_000)
})

const listSchema = z.object({ items: z.array(fileSchema) })
const eventSchema = z.object({ type: z.string() })

function typeOf(event: ServerEvent): string {
  return eventSchema.parse(event.data).type
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function metricsOf(service: Service): Promise<string> {
  return (await fetch(`${service.url}/metrics`)).text()
}

/** Files a worker has compressed. */
async function compressed(worker: Service): Promise<number> {
  const counts = (await metricsOf(worker)).matchAll(/^kompressor_compression_seconds_count\{[^}]*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, n]) => sum + Number(n), 0)
}

async function busySlots(worker: Service): Promise<number> {
  return Number(/^kompressor_pool_slots\{state="busy"\} (\d+)$/m.exec(await metricsOf(worker))?.[1] ?? 0)
}
