import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { readEvents } from '../support/sse.ts'
import { batchSchema, Client, createdSchema, fileSchema, filesSchema, until } from './client.ts'
import { type Running, startRunning } from './running.ts'

// Limits are ten times and more what a quiet machine needs: they catch what stalls or grows, not what is slow today.

let service: Running
let client: Client

beforeAll(async () => {
  service = await startRunning()
  client = new Client(service.url)
}, 90_000)

afterAll(async () => {
  await service.finish()
}, 60_000)

test('a manifest of 2,000 files leaves pages and live events responsive', async () => {
  const files = Array.from({ length: 2000 }, (_, i) => ({ name: `photos/${i}.jpg`, size: 1000 + i }))
  const [created, announcing] = await timed(() => client.post('/v1/batches', createdSchema, { files }))
  expect(announcing).toBeLessThan(10_000)
  expect(created.uploads.items).toHaveLength(100)

  const pages: number[] = []
  let cursor: string | undefined
  let seen = 0
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor !== undefined && { cursor }) })
    const path = `/v1/batches/${created.id}/files?${query}`
    const [page, ms] = await timed(() => client.json(path, filesSchema))
    pages.push(ms)
    seen += page.items.length
    cursor = page.nextCursor
  } while (cursor !== undefined)
  expect(seen).toBe(2000)
  expect(median(pages)).toBeLessThan(500)

  let events = 0
  let firstAt = Number.POSITIVE_INFINITY
  const complete = new AbortController()
  const following = readEvents(`${service.url}/v1/batches/${created.id}/events`, {
    signal: AbortSignal.any([complete.signal, AbortSignal.timeout(60_000)]),
    onEvent: () => {
      events += 1
      firstAt = Math.min(firstAt, performance.now())
      if (events === 2001) complete.abort()
    },
  }).catch((error: unknown) => {
    if (!complete.signal.aborted) throw error
  })
  const cancelledAt = performance.now()
  const cancelled = await client.post(`/v1/batches/${created.id}/cancel`, batchSchema)
  expect(cancelled.files.cancelled).toBe(2000)
  await following
  expect(complete.signal.aborted).toBe(true)
  expect(firstAt - cancelledAt).toBeLessThan(10_000)
}, 90_000)

test('200 uploads at once are all accepted, while a status takes as long as it always does', async () => {
  const { id } = await client.post('/v1/batches', createdSchema, {})
  const bytes = fixtures.log({ bytes: 20_000 })
  const uploads = Array.from({ length: 200 }, async (_, i) => {
    const init = { method: 'POST', body: new Uint8Array(bytes) }
    return client.json(`/v1/files?batch=${id}&name=${i}.log`, fileSchema, init)
  })
  const accepted = Promise.all(uploads)
  const asked: number[] = []
  let open = true
  const polling = (async () => {
    while (open) asked.push((await timed(() => client.batch(id)))[1])
  })()
  expect(new Set((await accepted).map((file) => file.id)).size).toBe(200)
  open = false
  await polling
  expect(median(asked)).toBeLessThan(2_000)
  await client.post(`/v1/batches/${id}/complete`, batchSchema)
  const batch = await until('the batch to be done', async () => {
    const now = await client.batch(id)
    return now.state === 'completed' ? now : undefined
  })
  expect(batch.files.completed).toBe(200)
}, 90_000)

test('an upload of 128 MiB is never held in memory', async () => {
  const before = await memory()
  const peak = { ...before }
  const uploading = client.json('/v1/files?name=large.bin', fileSchema, {
    method: 'POST',
    body: Readable.toWeb(Readable.from(chunks(128))),
    duplex: 'half',
  })
  let open = true
  const watching = (async () => {
    while (open) {
      const now = await memory()
      peak.resident = Math.max(peak.resident, now.resident)
      peak.buffers = Math.max(peak.buffers, now.buffers)
    }
  })()
  const { id } = await uploading.finally(() => {
    open = false
  })
  await watching
  expect(peak.resident - before.resident).toBeLessThan(100 * 1024 ** 2)
  expect(peak.buffers - before.buffers).toBeLessThan(100 * 1024 ** 2)
  expect((await client.ended(id)).result).toMatchObject({
    outcome: 'kept_original',
    bytesIn: 128 * 1024 ** 2,
  })
}, 90_000)

/** What the service says of its memory. Its buffers tell even what fits into memory it had taken before. */
async function memory(): Promise<{ resident: number; buffers: number }> {
  const metrics = await (await client.request('/metrics')).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1])
  return {
    resident: value('process_resident_memory_bytes'),
    buffers: value('nodejs_external_memory_bytes'),
  }
}

/** Incompressible, one MiB a chunk. */
function* chunks(count: number): Generator<Buffer> {
  const chunk = randomBytes(1024 * 1024)
  for (let i = 0; i < count; i++) yield chunk
}

/** What an action resolves with, and its milliseconds. */
async function timed<T>(act: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now()
  return [await act(), performance.now() - start]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
