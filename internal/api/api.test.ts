import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { z } from 'zod'
import { openApiDocument } from './index.ts'
import { RawConnection } from './testing/raw-http.ts'
import { readBatch, readCreated, readFile, readProblem } from './testing/read.ts'
import { type Served, serve } from './testing/serve.ts'
import { readMessages } from './testing/sse.ts'

let s: Served
let check: (signal: AbortSignal) => Promise<void> = async () => undefined
beforeAll(async () => {
  s = await serve({ checks: { database: async () => undefined, other: (signal) => check(signal) } })
})
afterAll(() => s[Symbol.asyncDispose]())

describe('health', () => {
  test('is alive, ready and measured', async () => {
    expect(await (await s.get('/healthz')).text()).toBe('ok\n')
    expect(await (await s.get('/readyz')).json()).toEqual({
      ready: true,
      checks: { database: 'ok', other: 'ok' },
    })
    const metrics = await s.get('/metrics')
    expect(metrics.headers.get('content-type')).toContain('text/plain')
    expect(await metrics.text()).toContain('kompressor_http_requests_total')
  })

  test.for([
    [() => Promise.reject(new Error('it is broken')), 'it is broken'],
    [() => new Promise<void>(() => undefined), 'no answer within 2000 ms'],
  ] as const)('is not ready while a check fails or hangs (%#)', async ([failing, why]) => {
    check = failing
    try {
      const response = await s.get('/readyz')
      expect(response.status).toBe(503)
      expect(await response.json()).toEqual({ ready: false, checks: { database: 'ok', other: why } })
    } finally {
      check = async () => undefined
    }
  })

  test('says at its address what it is and what to try', async () => {
    expect(await (await s.get('/')).text()).toContain(`${s.url}/v1/files`)
  })
})

describe('the document', () => {
  const documentSchema = z.looseObject({
    openapi: z.literal('3.1.0'),
    paths: z.record(
      z.string(),
      z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.unknown()) })),
    ),
    components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
  })

  test('is served as it is generated, and every reference in it leads somewhere', async () => {
    const document = documentSchema.parse(await (await s.get('/v1/openapi.json')).json())
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    )
    expect(new Set(references).size).toBeGreaterThan(5)
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(references))
  })

  test('has every route there is, and no other', () => {
    const { paths } = documentSchema.parse(openApiDocument())
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const undocumented = ['GET /', 'GET /ws', 'GET /v1/openapi.json', 'PUT /objects/*', 'GET /objects/*']
    const routed = s.api.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    expect([...new Set(routed)].toSorted()).toEqual([...documented, ...undocumented].toSorted())
  })

  test('says what options there are, from the schema that checks them', () => {
    expect(JSON.stringify(openApiDocument().components?.schemas?.CompressionOptions)).toContain(
      'targetQuality',
    )
  })
})

describe('every answer', () => {
  test('carries a request id: the given one if it is usable, or a new one', async () => {
    const id = async (given?: string) =>
      (
        await s.get('/healthz', given === undefined ? {} : { headers: { 'x-request-id': given } })
      ).headers.get('x-request-id')
    expect(await id('my-id.1')).toBe('my-id.1')
    expect(await id('x'.repeat(200))).toMatch(/^[0-9a-f-]{36}$/)
    expect(await id()).not.toBe(await id())
  })

  test('keeps browsers from running or sniffing anything', async () => {
    for (const path of ['/', '/v1/nope', '/healthz']) {
      const { headers } = await s.get(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    }
  })

  test('is counted by the template of its route, whatever the path was', async () => {
    await s.get('/v1/files/some-id')
    await s.get('/v1/some-path')
    await fetch(`${s.url}/v1/files`, { method: 'PROPFIND' })
    const count = async () => (await s.metrics.scrape()).body
    await expect
      .poll(count)
      .toContain('kompressor_http_requests_total{method="GET",route="/v1/files/{id}",status="404"} 1')
    await expect
      .poll(count)
      .toContain('kompressor_http_requests_total{method="GET",route="unmatched",status="404"}')
    await expect
      .poll(count)
      .toContain('kompressor_http_requests_total{method="other",route="unmatched",status="405"} 1')
    expect(await count()).not.toContain('some-')
  })

  test('is logged with its id, and with the error only when it is ours', async () => {
    await s.get('/v1/nope', { headers: { 'x-request-id': 'logged-1' } })
    await expect.poll(() => s.log.filter((line) => line.includes('"logged-1"')).length).toBe(1)
    expect(s.log.find((line) => line.includes('"logged-1"'))).toContain('"status":404')
  })
})

describe('what is not there', () => {
  test.for([
    ['GET', '/nope', 404, 'not_found', null],
    ['GET', '/v1/files/', 404, 'not_found', null],
    ['PUT', '/v1/files', 405, 'method_not_allowed', 'POST'],
    ['POST', '/v1/files/x', 405, 'method_not_allowed', 'DELETE, GET, HEAD'],
    ['OPTIONS', '/v1/batches', 405, 'method_not_allowed', 'GET, HEAD, POST'],
  ] as const)('%s %s is a problem', async ([method, path, status, code, allow]) => {
    const response = await fetch(`${s.url}${path}`, { method })
    expect(response.headers.get('allow')).toBe(allow)
    expect(await readProblem(response)).toMatchObject({ status, code })
  })

  test.for([
    'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
    'GET /a\\b HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET nope HTTP/1.1\r\nHost: x\r\n\r\n',
    'nonsense\r\n\r\n',
    'POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
  ])('a request that is none is refused (%#)', async (request) => {
    const connection = new RawConnection(s.port)
    await connection.write(request)
    await expect.poll(() => connection.received).toMatch(/^HTTP\/1.1 400/)
    connection.destroy()
  })
})

describe('pages of other sites', () => {
  const post = (origin: string) =>
    fetch(`${s.url}/v1/files`, { method: 'POST', body: 'x', headers: { origin } })

  test('change nothing', async () => {
    for (const origin of ['http://evil.example', 'null', `${s.url}0`]) {
      expect(await readProblem(post(origin))).toMatchObject({ code: 'origin_not_allowed', status: 403 })
    }
  })

  test('are told apart from our own', async () => {
    expect((await post(s.url)).status).toBe(202)
  })
})

test('an error of our own side is logged with everything and answered with nothing but its id', async () => {
  const { select } = s.store.db
  Object.assign(s.store.db, {
    select: () => {
      throw new Error('password=hunter2')
    },
  })
  try {
    const problem = await readProblem(s.get('/v1/files/x', { headers: { 'x-request-id': 'oops-1' } }))
    expect(problem).toMatchObject({ code: 'internal', status: 500 })
    expect(JSON.stringify(problem)).not.toContain('hunter2')
    expect(s.log.find((line) => line.includes('"oops-1"'))).toContain('hunter2')
  } finally {
    Object.assign(s.store.db, { select })
  }
})

describe('closing', () => {
  test('ends streams in order, lets running requests finish, and takes no longer than it was given', async () => {
    await using other = await serve({}, s.store)
    const { id } = await readCreated(other.post('/v1/batches', {}))
    const events = readMessages(await other.get(`/v1/batches/${id}/events`), 99)
    const socket = new WebSocket(`${other.url.replace('http', 'ws')}/ws`)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify({ type: 'subscribe', batch: id }))
    const waiting = readFile(
      fetch(`${other.url}/v1/files`, { method: 'POST', body: 'x', headers: { prefer: 'wait=60' } }),
    )
    const idle = new RawConnection(other.port)
    const running = new RawConnection(other.port)
    await running.write('POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc')
    const uploads = async () => (await other.blobs()).filter((name) => name.includes('/blobs/'))
    await expect.poll(async () => (await uploads()).length).toBe(2)
    const started = Date.now()
    const closing = other.api.close({ graceMs: 10_000 })
    expect(await events).toEqual([])
    expect(await closed).toBe(1001)
    expect(await waiting).toMatchObject({ state: 'queued' })
    await running.write('def')
    await expect.poll(() => running.received).toMatch(/^HTTP\/1.1 202/)
    await closing
    await other.api.close()
    expect(Date.now() - started).toBeLessThan(9000)
    await expect.poll(() => idle.isClosed && running.isClosed).toBe(true)
  })

  test('cuts what does not end in time', async () => {
    await using other = await serve({}, s.store)
    const hanging = new RawConnection(other.port)
    await hanging.write('POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc')
    await expect.poll(async () => (await other.blobs()).some((name) => name.includes('/blobs/'))).toBe(true)
    await other.api.close({ graceMs: 50 })
    await expect.poll(() => hanging.isClosed).toBe(true)
    await expect.poll(() => other.blobs()).toEqual([])
  })

  test('of one that never listened is nothing', async () => {
    await using other = await serve({}, s.store)
    other.api.attachTo(createServer())
    await other.api.close()
  })
})

test('requests in one connection after one another are all answered', async () => {
  const connection = new RawConnection(s.port)
  const post =
    'POST /v1/batches HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
  await connection.write(post.repeat(3))
  await expect.poll(() => connection.received.match(/HTTP\/1.1 201/g)?.length).toBe(3)
  const [, id = ''] = /"id":"([^"]+)"/.exec(connection.received) ?? []
  expect(await readBatch(s.get(`/v1/batches/${id}`))).toMatchObject({ id })
  connection.destroy()
})
