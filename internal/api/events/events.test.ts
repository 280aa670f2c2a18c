import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { z } from 'zod'
import { RawConnection } from '../testing/raw-http.ts'
import { readCreated, readFile, readProblem } from '../testing/read.ts'
import { completeFile, failFile, touchFile } from '../testing/rows.ts'
import { type Served, serve } from '../testing/serve.ts'
import { readMessages } from '../testing/sse.ts'
import { feed } from './feed.ts'
import { EventHub } from './hub.ts'
import { eventSchema } from './schema.ts'

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const createBatch = async () => (await readCreated(s.post('/v1/batches', {}))).id

async function addFile(batchId: string, name = 'a.png'): Promise<string> {
  return (
    await readFile(fetch(`${s.url}/v1/files?batch=${batchId}&name=${name}`, { method: 'POST', body: 'x' }))
  ).id
}

/** Opens a stream; ended by the signal. */
function follow(
  batchId: string,
  { after, query = '', signal }: { after?: number; query?: string; signal?: AbortSignal } = {},
) {
  return s.get(`/v1/batches/${batchId}/events${query}`, {
    headers: after === undefined ? {} : { 'last-event-id': String(after) },
    ...(signal && { signal }),
  })
}

async function connections(kind: 'sse' | 'ws'): Promise<number> {
  const { body } = await s.metrics.scrape()
  return Number(new RegExp(`kompressor_http_connections\\{kind="${kind}"\\} (\\d+)`).exec(body)?.[1] ?? 0)
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('server-sent events', () => {
  test('replay what happened and go on live, each event as the document has it', async () => {
    const batchId = await createBatch()
    const a = await addFile(batchId, 'a.png')
    const b = await addFile(batchId, 'b.png')
    const response = await follow(batchId)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reading = readMessages(response, 5)
    await s.post(`/v1/batches/${batchId}/complete`)
    await completeFile(s, a, { output: Buffer.from('small') })
    await failFile(s, b, 'corrupt_input')
    const messages = await reading
    expect(messages.map((message) => message.id)).toEqual(range(1, 5))
    expect(messages.map((message) => eventSchema.strict().parse(message.data))).toMatchObject([
      {
        seq: 1,
        type: 'file.queued',
        batchId,
        fileId: a,
        name: 'a.png',
        state: 'queued',
        attempt: 1,
        size: 1,
      },
      { seq: 2, type: 'file.queued', fileId: b },
      {
        seq: 3,
        type: 'file.completed',
        result: { outcome: 'compressed', outputs: [{ url: `${s.url}/v1/files/${a}/content` }] },
      },
      { seq: 4, type: 'file.failed', error: { code: 'corrupt_input' } },
      { seq: 5, type: 'batch.completed', state: 'completed' },
    ])
    expect(messages[4]?.data.fileId).toBeUndefined()
  })

  test('resume without a gap or a repetition, wherever a stream was cut, while events go on', async () => {
    const batchId = await createBatch()
    const fileId = await addFile(batchId)
    const total = 150
    const writing = (async () => {
      for (let seq = 2; seq <= total; seq++) await touchFile(s, fileId)
    })()
    const seen: number[] = []
    for (let cut = 1; seen.length < total; cut = (cut * 7 + 3) % 41) {
      const stop = new AbortController()
      const response = await follow(batchId, { after: seen.length, signal: stop.signal })
      const messages = await readMessages(response, Math.min(cut + 1, total - seen.length))
      seen.push(...messages.map((message) => message.id))
      stop.abort()
    }
    await writing
    expect(seen.slice(0, total)).toEqual(range(1, total))
  })

  test('are the same for many at once', async () => {
    const batchId = await createBatch()
    const fileId = await addFile(batchId)
    const reading = Promise.all(
      range(0, 9).map(async (n) =>
        readMessages(await follow(batchId, { query: n % 2 ? '?lastEventId=0' : '' }), 50),
      ),
    )
    for (let seq = 2; seq <= 50; seq++) await touchFile(s, fileId)
    for (const messages of await reading)
      expect(messages.map((message) => message.id).slice(0, 50)).toEqual(range(1, 50))
  })

  test('do not run ahead of a client that reads slowly', async () => {
    const batchId = await createBatch()
    const fileId = await addFile(batchId, `${'n'.repeat(250)}`)
    await s.store.client.query(
      `insert into events (batch_id, seq, file_id, type, data)
       select $1, seq, $2, 'file.started', jsonb_build_object('state', 'processing', 'name', repeat('x', 5000))
       from generate_series(2, 10000) seq`,
      [batchId, fileId],
    )
    await s.store.client.query('update batches set last_seq = 10000 where id = $1', [batchId])
    const connection = new RawConnection(s.port)
    connection.pause()
    const pages = vi.spyOn(s.store.client, 'query')
    const read = () => pages.mock.calls.filter(([query]) => query.includes('from "events"')).length
    try {
      await connection.write(`GET /v1/batches/${batchId}/events HTTP/1.1\r\nHost: x\r\n\r\n`)
      await expect.poll(read).toBeGreaterThan(0)
      let before = 0
      const stands = () => {
        const now = read()
        const same = now === before
        before = now
        return same
      }
      await expect.poll(stands, { interval: 300 }).toBe(true)
      // Of twenty pages: what fits in the buffers of two sockets.
      expect(read()).toBeLessThan(16)
    } finally {
      pages.mockRestore()
      connection.destroy()
    }
  })

  test('are interrupted by a sign of life when nothing happens, and by nothing when something does', async () => {
    const batchId = await createBatch()
    const fileId = await addFile(batchId)
    const stop = new AbortController()
    const hub = new EventHub(s.store)
    const place = { tenantId: 'default', batchId, after: 0, heartbeatMs: 10, signal: stop.signal }
    const pages: number[][] = []
    for await (const page of feed({ db: s.store.db, hub }, place)) {
      pages.push(page.map((row) => row.seq))
      if (pages.length === 3) await touchFile(s, fileId)
      if (pages.flat().length === 2) stop.abort()
    }
    await hub.close()
    expect(pages.slice(0, 3)).toEqual([[1], [], []])
    expect(pages.flat()).toEqual([1, 2])
  })

  test('end at once on the service when the client goes away', async () => {
    const batchId = await createBatch()
    const stop = new AbortController()
    const before = await connections('sse')
    const said = s.log.length
    await follow(batchId, { signal: stop.signal })
    await expect.poll(() => connections('sse')).toBe(before + 1)
    stop.abort()
    await expect.poll(() => connections('sse')).toBe(before)
    // That clients go is no failure.
    expect(s.log.slice(said).join('')).not.toContain('response broke off')
  })

  test('end when the batch is deleted', async () => {
    const batchId = await createBatch()
    await addFile(batchId)
    const reading = readMessages(await follow(batchId), 1000)
    await fetch(`${s.url}/v1/batches/${batchId}`, { method: 'DELETE' })
    expect((await reading).length).toBeLessThan(3)
    expect(await readProblem(follow(batchId, { after: 1 }))).toMatchObject({
      code: 'batch_not_found',
      status: 404,
    })
  })

  test('have no position before they happen, and none that is no number', async () => {
    const batchId = await createBatch()
    expect(await readProblem(follow(batchId, { after: 7 }))).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('there is no event 7'),
    })
    for (const query of ['?lastEventId=x', '?lastEventId=-1', '?after=1']) {
      expect(await readProblem(follow(batchId, { query }))).toMatchObject({
        code: 'invalid_request',
        status: 400,
      })
    }
  })
})

describe('the WebSocket', () => {
  test('is asked for by name: a plain GET is told so', async () => {
    const response = await s.get('/ws')
    expect(response.headers.get('upgrade')).toBe('websocket')
    expect(await readProblem(response)).toMatchObject({ code: 'upgrade_required', status: 426 })
  })

  const messageSchema = z.looseObject({
    type: z.string(),
    batch: z.string().optional(),
    seq: z.number().optional(),
  })

  async function open(options: WebSocket.ClientOptions = {}) {
    const socket = new WebSocket(`${s.url.replace('http', 'ws')}/ws`, options)
    const messages: z.infer<typeof messageSchema>[] = []
    socket.on('message', (data) => messages.push(messageSchema.parse(JSON.parse(String(data)))))
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const send = (message: unknown) =>
      socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    return { socket, messages, send }
  }

  test('follows several batches, from where the client is', async () => {
    const [one, two] = [await createBatch(), await createBatch()]
    const [a, b] = [await addFile(one), await addFile(two)]
    await touchFile(s, a)
    const { socket, messages, send } = await open()
    send({ type: 'subscribe', batch: one, after: 1 })
    send({ type: 'subscribe', batch: two })
    await expect.poll(() => messages.filter(({ type }) => type === 'subscribed').length).toBe(2)
    await touchFile(s, b)
    await touchFile(s, a)
    const seqs = (batchId: string) =>
      messages.filter((message) => message.batchId === batchId).map(({ seq }) => seq)
    await expect.poll(() => seqs(one)).toEqual([2, 3])
    await expect.poll(() => seqs(two)).toEqual([1, 2])
    send({ type: 'unsubscribe', batch: one })
    await expect.poll(() => messages.at(-1)).toEqual({ type: 'unsubscribed', batch: one })
    await touchFile(s, a)
    await touchFile(s, b)
    await expect.poll(() => seqs(two)).toEqual([1, 2, 3])
    expect(seqs(one)).toEqual([2, 3])
    socket.close()
  })

  test('sends the same events as the stream', async () => {
    const batchId = await createBatch()
    const fileId = await addFile(batchId)
    await completeFile(s, fileId, { output: Buffer.from('x') })
    const { socket, messages, send } = await open()
    send({ type: 'subscribe', batch: batchId })
    await expect.poll(() => messages.length).toBe(3)
    const streamed = await readMessages(await follow(batchId), 2)
    expect(messages.slice(1)).toEqual(streamed.map(({ data }) => data))
    socket.close()
  })

  test('answers what it cannot do with a problem, and stays open', async () => {
    const batchId = await createBatch()
    const { socket, messages, send } = await open()
    for (const message of [
      '{',
      '[]',
      { type: 'shout' },
      { type: 'subscribe' },
      { type: 'subscribe', batch: '\0' },
      { type: 'subscribe', batch: 'nope' },
      { type: 'subscribe', batch: batchId, after: 9 },
    ]) {
      const count = messages.length
      send(message)
      await expect.poll(() => messages.length).toBe(count + 1)
      expect(messages.at(-1)).toMatchObject({ type: 'problem', problem: { code: expect.any(String) } })
    }
    send({ type: 'subscribe', batch: batchId })
    await expect.poll(() => messages.at(-1)).toEqual({ type: 'subscribed', batch: batchId, after: 0 })
    send({ type: 'subscribe', batch: batchId })
    await expect
      .poll(() => messages.at(-1))
      .toMatchObject({ type: 'problem', problem: { detail: expect.stringContaining('already') } })
    socket.close()
  })

  test('closes on messages that are far too long', async () => {
    const { socket, send } = await open()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    send('x'.repeat(100_000))
    expect(await closed).toBe(1009)
  })

  test('is counted while it is open', async () => {
    await expect.poll(() => connections('ws')).toBe(0)
    const { socket } = await open()
    expect(await connections('ws')).toBe(1)
    socket.terminate()
    await expect.poll(() => connections('ws')).toBe(0)
  })

  test('is not for pages of other sites, and at its own address only', async () => {
    await expect(open({ origin: 'http://evil.example' })).rejects.toThrow('403')
    await expect(open({ origin: 'null' })).rejects.toThrow('403')
    const { socket } = await open({ origin: s.url })
    socket.close()
    const elsewhere = new WebSocket(`${s.url.replace('http', 'ws')}/v1/batches`)
    await expect(new Promise((_, reject) => elsewhere.once('error', reject))).rejects.toThrow('404')
  })
})
