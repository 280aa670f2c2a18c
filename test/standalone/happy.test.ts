import { createHash } from 'node:crypto'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fixtures } from '../fixtures/index.ts'
import { readEvents } from '../support/sse.ts'
import {
  type ApiFile,
  batchSchema,
  Client,
  createdSchema,
  fileSchema,
  filesSchema,
  until,
  uploadSchema,
} from './client.ts'
import { ApiDocument } from './openapi.ts'
import { type Running, startRunning } from './running.ts'
import { unzip } from './zip.ts'

const eventSchema = z.object({
  seq: z.number(),
  type: z.string(),
  fileId: z.string().optional(),
  state: z.string(),
})
type ApiEvent = z.infer<typeof eventSchema>

let service: Running
let document: ApiDocument
let client: Client

beforeAll(async () => {
  service = await startRunning()
  document = new ApiDocument(await (await fetch(`${service.url}/v1/openapi.json`)).text())
  client = new Client(service.url, (...answer) => document.check(...answer))
}, 90_000)

afterAll(async () => {
  const { scratch, pending, keys, blobs } = await service.finish()
  expect({ scratch, pending }).toEqual({ scratch: [], pending: [] })
  expect(blobs).toBe(keys.length)
}, 60_000)

describe('a batch', () => {
  test('goes from its manifest over uploads and live events to results, downloads and one archive', async () => {
    const contents = new Map<string, Buffer>([
      ['holiday/beach.jpg', await fixtures.photo({ width: 480, height: 320, seed: 2 })],
      ['holiday/dunes.png', await fixtures.photo({ format: 'png', width: 200, height: 150, seed: 3 })],
      ['logs/access.log', fixtures.log()],
      ['logs/noise.bin', fixtures.incompressible()],
      ['broken.jpg', fixtures.truncated(await fixtures.photo({ seed: 4 }))],
    ])
    const created = await client.post('/v1/batches', createdSchema, {
      files: [...contents].map(([name, bytes]) => ({
        name,
        size: bytes.length,
        sha256: sha256(bytes),
        ...(name.endsWith('.jpg') && { type: 'image/jpeg' }),
        tags: { folder: name.split('/')[0] ?? '' },
      })),
      tags: { trip: 'norway' },
    })
    expect(created).toMatchObject({ state: 'open', sealed: false, files: { total: 5, pending: 5 } })
    const following = follow(created.id)

    const uploads = await client.json(`/v1/batches/${created.id}/uploads`, createdSchema.shape.uploads)
    expect(uploads.items.map((upload) => upload.name)).toEqual([...contents.keys()])
    for (const { name, url, method, headers } of created.uploads.items) {
      const body = new Uint8Array(contents.get(name) ?? [])
      expect((await client.request(url, { method, headers, body })).status).toBe(200)
    }
    const files = created.uploads.items.map((upload) => upload.fileId)
    await client.post(`/v1/batches/${created.id}/complete`, batchSchema, { files })
    // Saying it twice is no mistake.
    await client.post(`/v1/batches/${created.id}/complete`, batchSchema, { files })
    const sealed = await client.post(`/v1/batches/${created.id}/complete`, batchSchema)
    expect(sealed.sealed).toBe(true)

    const events = await following
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.at(-1)).toMatchObject({ type: 'batch.completed', state: 'completed' })
    const ended = events.filter((event) => ['file.completed', 'file.failed'].includes(event.type))
    expect(ended.map((event) => event.fileId).sort()).toEqual([...files].sort())
    const resumed = await follow(created.id, events.length - 2)
    expect(resumed).toEqual(events.slice(-2))

    const batch = await client.batch(created.id)
    expect(batch).toMatchObject({ state: 'completed', files: { completed: 4, failed: 1, total: 5 } })
    expect(batch.bytes.saved).toBe(batch.bytes.in - batch.bytes.out)
    const listed = await client.files(created.id, { limit: '2' })
    expect(listed.map((file) => file.name)).toEqual([...contents.keys()])
    expect(sum(listed, 'bytesIn')).toBe(batch.bytes.in)
    expect(sum(listed, 'bytesOut')).toBe(batch.bytes.out)
    expect((await client.files(created.id, { state: 'failed' })).map((file) => file.name)).toEqual([
      'broken.jpg',
    ])
    expect(await client.files(created.id, { name: 'DUNES' })).toHaveLength(1)
    expect(await client.files(created.id, { tag: 'folder:logs' })).toHaveLength(2)

    const [beach] = listed
    if (beach === undefined) throw new Error('the list is empty')
    await downloads(beach, contents.get(beach.name) ?? Buffer.alloc(0))
    const archive = unzip(await client.bytes(`/v1/batches/${created.id}/archive`))
    expect(archive.map((entry) => entry.name)).toEqual([
      'holiday/beach.jpg',
      'holiday/dunes.png',
      'logs/access.log.zst',
      'logs/noise.bin',
      'missing.txt',
    ])
    const unpacked = new Map(archive.map((entry) => [entry.name, entry.bytes]))
    expect(unpacked.get('holiday/beach.jpg')).toEqual(await client.content(beach))
    expect(unpacked.get('logs/noise.bin')).toEqual(contents.get('logs/noise.bin'))
    expect(zstdDecompressSync(unpacked.get('logs/access.log.zst') ?? Buffer.alloc(0))).toEqual(
      contents.get('logs/access.log'),
    )
    expect(String(unpacked.get('missing.txt'))).toContain('broken.jpg')

    const mine = await client.json('/v1/batches?tag=trip:norway', z.object({ items: z.array(batchSchema) }))
    expect(mine.items.map((item) => item.id)).toEqual([created.id])
    expect((await client.request(`/v1/batches/${created.id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await client.refused(`/v1/batches/${created.id}`)).code).toBe('batch_not_found')
    expect((await client.refused(`/v1/files/${beach.id}/content`)).code).toBe('file_not_found')
  }, 60_000)

  async function downloads(file: ApiFile, original: Buffer): Promise<void> {
    const whole = await client.content(file)
    const [output] = file.result?.outputs ?? []
    expect(output).toMatchObject({ bytes: whole.length, sha256: sha256(whole) })
    expect(await client.bytes(output?.url ?? '')).toEqual(whole)
    const path = `/v1/files/${file.id}/content`
    const part = await client.request(path, { headers: { range: 'bytes=100-199' } })
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe(`bytes 100-199/${whole.length}`)
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(100, 200))
    const again = await client.request(path, { headers: { 'if-none-match': part.headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
    const beyond = await client.refused(path, { headers: { range: `bytes=${whole.length}-` } })
    expect(beyond.code).toBe('range_not_satisfiable')
    expect(await client.bytes(`/v1/files/${file.id}/original`)).toEqual(original)
  }

  test('retries what failed, by code, and says what failed and why', async () => {
    const { id } = await client.post('/v1/batches', createdSchema, {})
    const query = { batch: id }
    const broken = fixtures.truncated(await fixtures.photo())
    const file = await client.compress(broken, { name: 'cut.jpg', query })
    expect(file).toMatchObject({ state: 'failed', error: { code: 'truncated_input' } })
    await client.compress(fixtures.bomb('png'), { name: 'bomb.png', query })

    const failures = await client.json(`/v1/failures?batch=${id}`, failuresSchema)
    expect(failures.items.map(({ code, count }) => [code, count]).sort()).toEqual([
      ['too_many_pixels', 1],
      ['truncated_input', 1],
    ])
    expect(failures.items.flatMap((item) => item.samples.map((sample) => sample.name)).sort()).toEqual([
      'bomb.png',
      'cut.jpg',
    ])
    const retried = await client.post(`/v1/batches/${id}/retry`, retriedSchema, {
      codes: ['truncated_input'],
    })
    expect(retried).toEqual({ retried: 1 })
    const second = await until('the second attempt', async () => {
      const now = await client.file(file.id)
      return now.state === 'failed' && now.attempts > file.attempts ? now : undefined
    })
    expect(second.error?.history.length).toBeGreaterThan(file.error?.history.length ?? 0)
    await client.post(`/v1/files/${file.id}/retry`, fileSchema)
    await client.ended(file.id)
    expect((await client.json(`/v1/failures?batch=${id}`, failuresSchema)).items).toHaveLength(2)

    const one = await client.json(`/v1/failures/too_many_pixels/files?batch=${id}`, filesSchema)
    expect(one.items.map(({ name, error }) => [name, error?.code])).toEqual([['bomb.png', 'too_many_pixels']])
    const files = one.items.map((item) => item.id)
    expect(await client.post('/v1/failures/retry', retriedSchema, { files })).toEqual({ retried: 1 })
    await client.ended(files[0] ?? '')
  })

  test('takes a file in parts, and goes on with those that have arrived', async () => {
    const log = fixtures.log()
    const { id, uploads } = await client.post('/v1/batches', createdSchema, {
      files: [
        { name: 'parts.log', size: log.length, sha256: sha256(log) },
        { name: 'given-up.log', size: 1000 },
      ],
    })
    const [fileId, other] = uploads.items.map((upload) => upload.fileId)
    const upload = await client.post(`/v1/files/${fileId}/uploads`, multipartSchema)
    expect(upload).toMatchObject({ fileId, size: log.length, parts: 1 })
    // Asked for again, it is the same: a page that was closed finds its parts.
    expect(await client.post(`/v1/files/${fileId}/uploads`, multipartSchema)).toEqual(upload)
    const path = `/v1/files/${fileId}/uploads/${upload.uploadId}`
    const { items } = await client.post(`${path}/parts`, signedPartsSchema, { partNumbers: [1] })
    for (const { url, method, headers } of items) {
      const put = await client.request(url, { method, headers, body: new Uint8Array(log) })
      expect(put.status).toBe(200)
    }
    const arrived = await client.json(`${path}/parts`, partsSchema)
    expect(arrived.items).toMatchObject([{ partNumber: 1, size: log.length }])
    const parts = arrived.items.map(({ partNumber, etag }) => ({ partNumber, etag }))
    const done = await client.post(`${path}/complete`, z.object({ size: z.number() }), { parts })
    expect(done.size).toBe(log.length)

    const unwanted = await client.post(`/v1/files/${other}/uploads`, multipartSchema)
    const aborted = `/v1/files/${other}/uploads/${unwanted.uploadId}`
    expect((await client.request(aborted, { method: 'DELETE' })).status).toBe(204)
    expect((await client.refused(`${aborted}/parts`)).code).toBe('upload_not_found')

    await client.post(`/v1/batches/${id}/complete`, batchSchema, { files: [fileId] })
    expect(await client.ended(fileId ?? '')).toMatchObject({ state: 'completed' })
    await client.post(`/v1/batches/${id}/cancel`, batchSchema)
  })

  test('cancels what has not ended and leaves the rest', async () => {
    const { id, uploads } = await client.post('/v1/batches', createdSchema, {
      files: [{ name: 'never-uploaded.jpg', size: 1000 }],
    })
    const done = await client.compress(fixtures.log(), { name: 'done.log', query: { batch: id } })
    const cancelled = await client.post(`/v1/batches/${id}/cancel`, batchSchema)
    expect(cancelled).toMatchObject({ state: 'cancelled', files: { cancelled: 1, completed: 1 } })
    expect(await client.post(`/v1/batches/${id}/cancel`, batchSchema)).toEqual(cancelled)
    expect((await client.file(uploads.items[0]?.fileId ?? '')).state).toBe('cancelled')
    expect((await client.file(done.id)).state).toBe('completed')
    const late = await client.refusedFile(fixtures.log(), { name: 'late.log', query: { batch: id } })
    expect(late.code).toBe('batch_sealed')
  })

  test('tells its events over a WebSocket too', async () => {
    const { id } = await client.post('/v1/batches', createdSchema, {})
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}/ws`)
    const events: ApiEvent[] = []
    const messages: string[] = []
    socket.addEventListener('message', ({ data }) => {
      const message = z.object({ type: z.string() }).parse(JSON.parse(String(data)))
      messages.push(message.type)
      const event = eventSchema.safeParse(JSON.parse(String(data)))
      if (event.success) events.push(event.data)
    })
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
    socket.send('{"type":"subscribe"')
    socket.send(JSON.stringify({ type: 'subscribe', batch: id }))
    await client.compress(fixtures.log(), { name: 'a.log', query: { batch: id } })
    await client.post(`/v1/batches/${id}/complete`, batchSchema)
    await until('the end of the batch', async () => messages.includes('batch.completed') || undefined)
    socket.close()
    expect(messages.slice(0, 2)).toEqual(['problem', 'subscribed'])
    expect(events).toEqual(await follow(id))
  })
})

describe('a single file', () => {
  test('comes back smaller in one request that waits for it', async () => {
    const photo = await fixtures.photo({ width: 480, height: 320 })
    const response = await client.request('/v1/files?name=photo.jpg', {
      method: 'POST',
      headers: { prefer: 'wait=30' },
      body: new Uint8Array(photo),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('preference-applied')).toMatch(/^wait/)
    const file = fileSchema.parse(await response.json())
    expect(response.headers.get('location')).toBe(`/v1/files/${file.id}`)
    expect(file).toMatchObject({ state: 'completed', type: 'image/jpeg', result: { outcome: 'compressed' } })
    expect(file.result?.bytesOut).toBeLessThan(photo.length * 0.95)
    expect(await sharp(await client.content(file)).metadata()).toMatchObject({ width: 480, format: 'jpeg' })
  })

  test('is answered with 202 and where to look by default, and can be erased', async () => {
    const response = await client.request('/v1/files?name=a.log', {
      method: 'POST',
      body: new Uint8Array(fixtures.log()),
    })
    expect(response.status).toBe(202)
    const { id } = fileSchema.parse(await response.json())
    expect(await client.ended(id)).toMatchObject({ state: 'completed' })
    expect((await client.request(`/v1/files/${id}/cancel`, { method: 'POST' })).status).toBe(202)
    expect((await client.request(`/v1/files/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await client.refused(`/v1/files/${id}`)).code).toBe('file_not_found')
  })

  test('takes options from the query', async () => {
    const photo = await fixtures.photo({ width: 480, height: 320 })
    const query = { format: 'webp', maxWidth: '120', quality: '70', metadata: 'Strip' }
    const file = await client.compress(photo, { name: 'photo.jpg', query })
    expect(file.result?.outputs).toMatchObject([{ name: 'photo.jpg.webp', type: 'image/webp', quality: 70 }])
    expect(await sharp(await client.content(file)).metadata()).toMatchObject({
      format: 'webp',
      width: 120,
      height: 80,
    })
  })

  test('comes with others in one form, each with its own answer', async () => {
    const form = new FormData()
    form.set('options', JSON.stringify({ images: { format: 'WebP' } }))
    form.append('file', new Blob([new Uint8Array(await fixtures.photo())]), 'ä photo.jpg')
    form.append('file', new Blob([]), 'empty.txt')
    form.append('file', new Blob([new Uint8Array(fixtures.csv())]), 'table.csv')
    const headers = { prefer: 'wait=30' }
    const { items } = await client.json('/v1/files', submissionSchema, {
      method: 'POST',
      headers,
      body: form,
    })
    expect(items.map(({ name, file, problem }) => [name, file?.result?.outcome ?? problem?.code])).toEqual([
      ['ä photo.jpg', 'compressed'],
      ['empty.txt', 'empty_file'],
      // The options have no block for data.
      ['table.csv', 'skipped'],
    ])
    expect(items[2]?.file?.result?.reason).toBe('class_not_selected')
  })

  test('is data when it is no image, and decodes to what it was', async () => {
    const log = fixtures.log({ bytes: 200_000 })
    const decoders = { Zstd: zstdDecompressSync, Gzip: gunzipSync, Brotli: brotliDecompressSync }
    for (const [codec, decode] of Object.entries(decoders)) {
      const file = await client.compress(log, { name: 'access.log', query: { codec } })
      expect(file.result?.outcome).toBe('compressed')
      expect(file.result?.outputs[0]?.name).toMatch(/^access\.log\.(zst|gz|br)$/)
      expect(decode(await client.content(file))).toEqual(log)
    }
  })

  test('may be sent encoded: who understands the encoding gets it, others get plain bytes', async () => {
    const log = fixtures.log()
    const query = { codec: 'gzip', as: 'ContentEncoding' }
    const file = await client.compress(log, { name: 'access.log', query })
    expect(file.result?.outputs).toMatchObject([{ name: 'access.log', contentEncoding: 'gzip' }])
    const path = `/v1/files/${file.id}/content`
    const encoded = await client.request(path)
    expect(encoded.headers.get('content-encoding')).toBe('gzip')
    expect(Buffer.from(await encoded.arrayBuffer())).toEqual(log)
    const plain = await client.request(path, { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(Buffer.from(await plain.arrayBuffer())).toEqual(log)
  })

  test('is kept when nothing would be gained and skipped when nobody here can read it', async () => {
    const small = await fixtures.photo({ quality: 20 })
    const kept = await client.compress(small, { name: 'small.jpg' })
    expect(kept.result).toMatchObject({ outcome: 'kept_original', bytesOut: kept.result?.bytesIn })
    expect(await client.content(kept)).toEqual(small)
    const noise = fixtures.incompressible()
    expect((await client.compress(noise, { name: 'noise.bin' })).result?.outcome).toBe('kept_original')
    const heic = fixtures.foreign.heic()
    const skipped = await client.compress(heic, { name: 'IMG_1.HEIC' })
    expect(skipped).toMatchObject({
      state: 'completed',
      result: { outcome: 'skipped', reason: 'unsupported_image' },
    })
    expect(await client.content(skipped)).toEqual(heic)
  })

  test('is taken once when the same request is sent twice with one Idempotency-Key', async () => {
    const submission = { name: 'once.log', headers: { 'idempotency-key': 'once' } }
    const first = await client.compress(fixtures.log(), submission)
    expect((await client.compress(fixtures.log(), submission)).id).toBe(first.id)
  })
})

test('the metrics count what was sent', async () => {
  const before = await metrics()
  const log = fixtures.log()
  const sent = await client.compress(log, { name: 'counted.log' })
  await client.compress(fixtures.bomb('gif'), { name: 'bomb.gif' })
  // A file is counted when its end has been written, so a moment after it can be seen.
  const ended = 'kompressor_end_to_end_seconds_count'
  const after = await until('both to be counted', async () => {
    const now = await metrics()
    return (now.get(ended) ?? 0) - (before.get(ended) ?? 0) === 2 ? now : undefined
  })
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
  expect(grown('kompressor_bytes_in_total')).toBe(log.length)
  expect(grown('kompressor_bytes_out_total')).toBe(sent.result?.bytesOut)
  expect(grown('kompressor_failures_total{code="too_many_pixels"}')).toBe(1)
  expect(grown('kompressor_files{state="completed"}')).toBe(1)
  expect(grown('kompressor_files{state="failed"}')).toBe(1)
  expect(grown('kompressor_queue_wait_seconds_count')).toBe(2)
  expect(after.get('kompressor_http_connections{kind="ws"}') ?? 0).toBe(0)
})

test('what happened lately is told in buckets that add up', async () => {
  const activity = await client.json('/v1/activity?window=15m', activitySchema)
  expect(activity.total.completed).toBeGreaterThan(0)
  expect(activity.buckets.reduce((sum, bucket) => sum + bucket.completed, 0)).toBe(activity.total.completed)
})

test('pages follow one another without a gap, and a cursor of another list is refused', async () => {
  const files = Array.from({ length: 23 }, (_, i) => ({ name: `${i}.jpg`, size: 1 }))
  const { id } = await client.post('/v1/batches', createdSchema, { files })
  const names = (await client.files(id, { limit: '5' })).map((file) => file.name)
  expect(names).toEqual(files.map((file) => file.name))
  const { nextCursor = '' } = await client.json(`/v1/batches/${id}/files?limit=5`, filesSchema)
  const refusal = await client.refused(`/v1/batches?cursor=${nextCursor}`)
  expect(refusal.code).toBe('invalid_request')
  await client.request(`/v1/batches/${id}/cancel`, { method: 'POST' })
})

test('the service says that it is well, what it is, and how to use it', async () => {
  expect((await client.request('/healthz')).status).toBe(200)
  expect(await client.json('/readyz', z.object({ ready: z.boolean() }))).toEqual({ ready: true })
  expect(await (await client.request('/')).text()).toContain(`${service.url}/v1/files`)
})

test('without a cluster there are no CompressionJobs, and the service says so', async () => {
  expect(await client.json('/v1/jobs', z.object({ items: z.array(z.unknown()) }))).toEqual({ items: [] })
  for (const [method, path] of [
    ['GET', '/v1/jobs/shop/photos'],
    ['POST', '/v1/jobs/shop/photos/retry'],
  ] as const) {
    const answer = await client.request(path, { method })
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'job_not_found' }),
    ])
  }
})

// The last: it speaks of all before.
test('every answer was as the OpenAPI document describes it, and no operation was left out', () => {
  expect(document.version).toBe('3.1.0')
  expect(document.operations.filter((operation) => !document.answered.has(operation))).toEqual([])
})

const failuresSchema = z.object({
  items: z.array(
    z.object({ code: z.string(), count: z.number(), samples: z.array(z.object({ name: z.string() })) }),
  ),
})

const retriedSchema = z.object({ retried: z.number() })

const multipartSchema = z.object({
  uploadId: z.string(),
  fileId: z.string(),
  size: z.number(),
  parts: z.number(),
})

const signedPartsSchema = z.object({
  items: z.array(uploadSchema.pick({ method: true, url: true, headers: true })),
})

const partsSchema = z.object({
  items: z.array(z.object({ partNumber: z.number(), size: z.number(), etag: z.string() })),
})

const totalsSchema = z.object({ completed: z.number() })
const activitySchema = z.object({ total: totalsSchema, buckets: z.array(totalsSchema) })

const submissionSchema = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      file: fileSchema.optional(),
      problem: z.object({ code: z.string() }).optional(),
    }),
  ),
})

/** The events of a batch until it has ended. */
async function follow(batchId: string, lastEventId?: number): Promise<ApiEvent[]> {
  await looksLikeEvents(batchId)
  const events: ApiEvent[] = []
  const enough = new AbortController()
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(45_000)])
  try {
    await readEvents(`${service.url}/v1/batches/${batchId}/events`, {
      ...(lastEventId !== undefined && { lastEventId }),
      signal,
      onEvent: ({ data }) => {
        document.checkEvent(data)
        events.push(eventSchema.parse(data))
        if (events.at(-1)?.type.startsWith('batch.') === true) enough.abort()
      },
    })
  } catch (error) {
    if (!enough.signal.aborted) throw error
  }
  return events
}

/** The answer's head; what comes in it is another matter. */
async function looksLikeEvents(batchId: string): Promise<void> {
  const head = new AbortController()
  await client.request(`/v1/batches/${batchId}/events`, { signal: head.signal })
  head.abort()
}

/** Samples by name and labels. */
async function metrics(): Promise<Map<string, number>> {
  const lines = (await (await client.request('/metrics')).text()).split('\n')
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

function sum(files: readonly ApiFile[], field: 'bytesIn' | 'bytesOut'): number {
  return files.reduce((total, file) => total + (file.result?.[field] ?? 0), 0)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
