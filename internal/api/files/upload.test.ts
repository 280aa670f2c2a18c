import { request } from 'node:http'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KompressorError } from '../../errors/index.ts'
import { RawConnection } from '../testing/raw-http.ts'
import { readItems, readProblem } from '../testing/read.ts'
import { type Served, serve } from '../testing/serve.ts'

const limit = 1024 * 1024
const tooLarge = Buffer.alloc(limit + 1)

let s: Served
let full = false
beforeAll(async () => {
  s = await serve({ limits: { maxFileBytes: limit } })
  const put = s.objects.put.bind(s.objects)
  s.objects.put = (key, body, options) =>
    full
      ? Promise.reject(new KompressorError('storage_full', 'no space left in /secret/place'))
      : put(key, body, options)
})
afterAll(() => s[Symbol.asyncDispose]())

const countFiles = async () => (await s.store.db.query.files.findMany()).length
const logged = (text: string) =>
  expect.poll(() => s.log.some((line) => line.includes(text)), { timeout: 10_000 }).toBe(true)

describe('an upload cut half-way', () => {
  const boundary = 'xyz'
  const part = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nwhole\r\n`
  const half = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="b.png"\r\n\r\nhalf`
  const raw = 'POST /v1/files HTTP/1.1\r\nHost: x\r\n'

  test.for([
    ['raw with a length', `${raw}Content-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`],
    ['raw in chunks', `${raw}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwor`],
    ['raw with a key', `${raw}Idempotency-Key: cut\r\nContent-Length: 1000000\r\n\r\nhalf`],
    [
      'a form',
      `${raw}Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 9999\r\n\r\n${part}${half}`,
    ],
    [
      'a form between files',
      `${raw}Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 9999\r\n\r\n${part}`,
    ],
  ] as const)('leaves nothing behind (%s)', async ([what, bytes]) => {
    const [files, blobs] = [await countFiles(), await s.blobs()]
    for (const ending of ['cut', 'end'] as const) {
      const id = `${what}-${ending}`.replaceAll(' ', '-')
      const connection = new RawConnection(s.port)
      await connection.write(bytes.replace('Host: x', `Host: x\r\nX-Request-Id: ${id}`))
      // So that the service has begun to read.
      await expect.poll(async () => (await s.blobs()).length, { timeout: 5000 }).toBeGreaterThan(blobs.length)
      connection[ending]()
      await logged(`"requestId":"${id}"`)
      await expect.poll(() => s.blobs()).toEqual(blobs)
    }
    expect(await countFiles()).toBe(files)
  })

  test('is counted as unanswered, not as a success', async () => {
    const { body } = await s.metrics.scrape()
    const counted = (status: string) =>
      Number(
        new RegExp(`http_requests_total\\{.*"/v1/files",status="${status}"\\} (\\d+)`).exec(body)?.[1] ?? 0,
      )
    expect(counted('none')).toBeGreaterThan(0)
    expect(counted('200')).toBe(0)
  })

  test('can be sent again with the same key', async () => {
    const again = await fetch(`${s.url}/v1/files`, {
      method: 'POST',
      body: 'x',
      headers: { 'idempotency-key': 'cut' },
    })
    expect(again.status).toBe(202)
  })
})

describe('an upload over the limit', () => {
  test('is refused with 413 that the client receives, before it is read', async () => {
    const big = Buffer.alloc(16 * limit)
    const blobs = await s.blobs()
    for (let i = 0; i < 5; i++) {
      expect(await readProblem(fetch(`${s.url}/v1/files`, { method: 'POST', body: big }))).toMatchObject({
        code: 'file_too_large',
        detail: expect.stringContaining(`${limit} bytes`),
      })
    }
    expect(await s.blobs()).toEqual(blobs)
  })

  test('also reaches a client that reads nothing until it has sent all', async () => {
    const connection = new RawConnection(s.port)
    await connection.write(`POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: ${8 * limit}\r\n\r\n`)
    for (let i = 0; i < 8; i++) await connection.write(Buffer.alloc(limit))
    await expect.poll(() => connection.received).toContain('"code":"file_too_large"')
    expect(connection.received).toMatch(/^HTTP\/1.1 413/)
    expect(connection.received.toLowerCase()).toContain('connection: close')
    await expect.poll(() => connection.isClosed).toBe(true)
  })

  test('of unknown length is stopped at the limit, and leaves nothing', async () => {
    const blobs = await s.blobs()
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536
        controller.enqueue(Buffer.alloc(65_536))
      },
    })
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: endless, duplex: 'half' }
    expect(await readProblem(fetch(`${s.url}/v1/files`, init))).toMatchObject({ code: 'file_too_large' })
    expect(sent).toBeLessThan(512 * limit)
    await expect.poll(() => s.blobs()).toEqual(blobs)
  })

  test('of exactly the limit is fine', async () => {
    const response = await fetch(`${s.url}/v1/files`, { method: 'POST', body: tooLarge.subarray(1) })
    expect(response.status).toBe(202)
  })

  test('is refused alone in a form that is within the limit otherwise', async () => {
    const form = new FormData()
    form.append('file', new Blob([tooLarge]), 'big')
    form.append('file', new Blob(['x']), 'small')
    const { items } = await readItems(fetch(`${s.url}/v1/files`, { method: 'POST', body: form }))
    expect(items).toMatchObject([{ problem: { code: 'file_too_large' } }, { file: { name: 'small' } }])
  })

  test('as a form is refused as a whole when all its files are too much', async () => {
    const form = new FormData()
    for (let i = 0; i < 4; i++) form.append('file', new Blob([tooLarge.subarray(1)]), `${i}`)
    const [files, blobs] = [await countFiles(), await s.blobs()]
    expect(await readProblem(fetch(`${s.url}/v1/files`, { method: 'POST', body: form }))).toMatchObject({
      code: 'file_too_large',
    })
    expect(await countFiles()).toBe(files)
    expect(await s.blobs()).toEqual(blobs)
  })

  test.for([
    [limit, true, 202],
    [limit + 1, false, 413],
  ] as const)(
    'announced with Expect: 100-continue is answered before it is sent (%i bytes)',
    ([size, sent, status]) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      let continued = false
      const outgoing = request(`${s.url}/v1/files`, {
        method: 'POST',
        headers: { expect: '100-continue', 'content-length': size },
      })
      outgoing.on('continue', () => {
        continued = true
        outgoing.end(Buffer.alloc(size, 1))
      })
      outgoing.on('response', (response) => {
        expect(response.statusCode).toBe(status)
        expect(continued).toBe(sent)
        outgoing.destroy()
        resolve()
      })
      outgoing.on('error', reject)
      outgoing.flushHeaders()
      return promise
    },
  )
})

describe('a store that is full', () => {
  test('is a problem the client receives, without the path, and the next request works', async () => {
    full = true
    const body = Buffer.alloc(limit, 1)
    const form = new FormData()
    form.append('file', new Blob([body.subarray(limit / 2)]), 'a')
    form.append('file', new Blob([body.subarray(limit / 2)]), 'b')
    try {
      const refused = await readProblem(fetch(`${s.url}/v1/files`, { method: 'POST', body }))
      expect(refused).toMatchObject({ code: 'storage_full', status: 507, retryable: true })
      expect(JSON.stringify(refused)).not.toContain('/secret/place')
      expect((await fetch(`${s.url}/v1/files`, { method: 'POST', body: form })).status).toBe(507)
    } finally {
      full = false
    }
    expect((await fetch(`${s.url}/v1/files`, { method: 'POST', body })).status).toBe(202)
  })

  test('does not end the process when the form that meets it breaks off too', async () => {
    full = true
    const form = new FormData()
    for (let i = 0; i < 4; i++) form.append('file', new Blob([tooLarge.subarray(1)]), `${i}`)
    try {
      expect(await readProblem(fetch(`${s.url}/v1/files`, { method: 'POST', body: form }))).toMatchObject({
        code: 'file_too_large',
      })
    } finally {
      full = false
    }
    expect((await s.get('/healthz')).status).toBe(200)
  })
})

test('a body that arrives one byte at a time is one file', async () => {
  const bytes = Readable.from(
    (async function* () {
      for (const byte of Buffer.from('slowly')) yield Buffer.from([byte])
    })(),
  )
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  bytes.pipe(
    request(`${s.url}/v1/files`, { method: 'POST' }, (response) => resolve(response.resume().statusCode)),
  )
  expect(await promise).toBe(202)
})
