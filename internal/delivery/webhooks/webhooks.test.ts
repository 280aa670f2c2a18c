import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually, tenantId, useParts } from '../../../test/support/parts.ts'
import { type Receiver, secret, startReceiver } from '../../../test/support/webhook-receiver.ts'
import { batchView, cancelFile, requireBatch, upsertWebhook, webhookState } from '../../store/index.ts'
import { createMetrics } from '../../telemetry/index.ts'
import { startWebhooks, type WebhooksOptions } from './index.ts'

const parts = useParts()
const loopback = ['127.0.0.0/8']

let receiver: Receiver
const stops: (() => Promise<void>)[] = []

beforeEach(async () => {
  // Receivers compare the time of a call with their own.
  parts.advance(Date.now() - parts.now().getTime())
  receiver = await startReceiver()
  stops.push(receiver.stop)
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function begin(options: Partial<WebhooksOptions> = {}) {
  const { store, deps } = parts
  const webhooks = await startWebhooks({
    ...deps,
    store,
    random: () => 0,
    allow: loopback,
    idleMs: 20,
    ...options,
  })
  stops.push(() => webhooks.stop())
  return webhooks
}

const tell = (url = `${receiver.url}/hook?token=t`, jobUid = 'default') =>
  upsertWebhook(parts.store.db, { jobUid, url, secret }, parts.now())

/** A batch that has just completed. */
async function ended(id: string, jobUid = 'default'): Promise<string> {
  await parts.queue(id, { jobUid })
  await cancelFile(parts.store.db, { tenantId, fileId: id, now: parts.now() })
  return `b-${id}`
}

const calls = () => receiver.received.length
const state = () => webhookState(parts.store.db, 'default')
const logged = (message: string) =>
  parts.logged.filter((line) => line.includes(message)).map((line) => JSON.parse(line))
const metric = async (line: string) => (await parts.deps.metrics.scrape()).body.includes(line)

async function addJob(uid: string) {
  await parts.store.db.execute(sql`
    insert into jobs (uid, namespace, name, kind, topic, consumer_group, partitions)
    values (${uid}, 'shop', ${uid}, 'ingest', ${`topic-${uid}`}, ${`group-${uid}`}, 1)`)
}

describe('a batch that has ended', () => {
  test('is told as the API shows it, signed so that the library of the standard believes it', async () => {
    await tell()
    await begin()
    const batchId = await ended('a')
    await eventually(calls).toBe(1)
    const [call] = receiver.received
    expect(call).toMatchObject({ method: 'POST', path: '/hook?token=t' })
    const batch = await requireBatch(parts.store.db, tenantId, batchId)
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': `${batchId}-${batch.lastSeq}`,
      'content-length': String(call?.body.length),
    })
    expect(receiver.verified(call)).toEqual({
      type: 'batch.completed',
      timestamp: batch.completedAt?.toISOString(),
      data: { batch: batchView(batch), job: { uid: 'default', namespace: '', name: 'default' } },
    })
    const forged = { ...call, body: call?.body.replace('default', 'another') ?? '' }
    expect(() =>
      receiver.verified({ path: '', method: '', headers: call?.headers ?? {}, ...forged }),
    ).toThrow('No matching signature')
    await eventually(async () => (await state())?.waiting).toBe(0)
    await expect.poll(() => metric('kompressor_webhook_calls_total{outcome="delivered"} 1')).toBe(true)
    expect(calls()).toBe(1)
  })

  test('is told again after a failure, as the same message, and the failure is seen until then', async () => {
    await tell()
    receiver.answer = (response) => response.writeHead(calls() === 1 ? 500 : 200).end('internal: secret')
    await begin()
    await ended('a')
    await eventually(async () => (await state())?.failure).toBe('the receiver answered 500')
    await eventually(() => metric('kompressor_webhooks_waiting 1')).toBe(true)
    expect(logged('could not be told')).toMatchObject([{ batchId: 'b-a', attempt: 1, job: 'default' }])
    expect(calls()).toBe(1)
    parts.advance(2_500)
    await eventually(calls).toBe(2)
    await eventually(state).toEqual({ gone: false, failure: undefined, waiting: 0 })
    const [first, second] = receiver.received
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.body).toBe(first?.body)
    expect(receiver.verified(second)).toEqual(receiver.verified(first))
    expect(parts.logged.join('')).not.toContain('internal: secret')
  })

  test('is told to nobody any more when the receiver says that it is gone', async () => {
    await tell()
    receiver.answer = (response) => response.writeHead(410).end()
    await begin()
    await ended('a')
    await eventually(async () => (await state())?.gone).toBe(true)
    await ended('b')
    parts.advance(1e9)
    // The loop has come by: another job’s receiver was told.
    await addJob('other')
    const other = await startReceiver('127.0.0.2')
    stops.push(other.stop)
    await tell(other.url, 'other')
    await ended('c', 'other')
    await eventually(() => other.received.length).toBe(1)
    const job = { uid: 'other', namespace: 'shop', name: 'other' }
    expect(JSON.parse(other.received[0]?.body ?? '')).toMatchObject({ data: { job } })
    expect(calls()).toBe(1)
    expect(logged('is not told')).toMatchObject([{ reason: expect.stringContaining('410') }])
  })

  test('is given up after a day, and everybody can see that', async () => {
    await tell()
    receiver.answer = (response) => response.writeHead(503).end()
    await begin()
    await ended('a')
    for (let attempt = 1; attempt <= 17; attempt++) {
      await eventually(calls).toBe(attempt)
      await eventually(
        async () =>
          (await parts.store.client.query<{ n: number }>('select attempts as n from webhook_deliveries'))
            .rows,
      ).toEqual([{ n: attempt }])
      parts.advance(6 * 3_600_000)
    }
    expect(await state()).toEqual({
      gone: false,
      failure: 'the receiver answered 503; given up after 17 attempts',
      waiting: 0,
    })
    expect(await metric('kompressor_webhook_calls_total{outcome="given_up"} 1')).toBe(true)
    expect(logged('is not told')).toHaveLength(1)
  })
})

describe('a receiver', () => {
  test('that hangs is left in the end, and keeps nothing from the others', async () => {
    await addJob('other')
    const other = await startReceiver('127.0.0.2')
    stops.push(other.stop)
    receiver.answer = () => undefined
    await tell()
    await tell(other.url, 'other')
    for (let i = 0; i < 10; i++) await ended(`hang-${i}`)
    const webhooks = await begin({ timeoutMs: 120_000 })
    await eventually(calls).toBe(4)
    for (let i = 0; i < 6; i++) await ended(`other-${i}`, 'other')
    await eventually(async () => (await webhookState(parts.store.db, 'other'))?.waiting).toBe(0)
    expect(other.received).toHaveLength(6)
    expect(calls()).toBe(4)
    // Cut off by us, it says nothing about the receiver: others may send it at once.
    await webhooks.stop()
    const { rows } = await parts.store.client.query(
      'select count(*)::int as free from webhook_deliveries where attempts = 0 and leased_until is null and next_attempt_at is not null',
    )
    expect(rows).toEqual([{ free: 10 }])
    await begin({ timeoutMs: 300 })
    await eventually(async () => (await state())?.failure).toMatch(
      /^http:\/\/127.0.0.1:\d+ did not answer within 0.3 s$/,
    )
  })

  test('that answers without end was told all the same', async () => {
    receiver.answer = (response) => {
      response.writeHead(200)
      const more = () => void (response.destroyed || response.write(Buffer.alloc(65_536), more))
      more()
    }
    await tell()
    await begin({ timeoutMs: 30_000 })
    await ended('a')
    await eventually(state).toEqual({ gone: false, failure: undefined, waiting: 0 })
  })

  test('that redirects is not followed, to a private address least of all', async () => {
    const inner = await startReceiver('127.0.0.2')
    stops.push(inner.stop)
    receiver.answer = (response) =>
      response.writeHead(307, { location: `${inner.url}/latest/meta-data` }).end()
    await tell()
    await begin()
    await ended('a')
    await eventually(async () => (await state())?.failure).toContain('307: redirects are not followed')
    expect(inner.received).toEqual([])
  })

  test.each([
    ['on this machine', () => receiver.url, 'is at 127.0.0.1 port'],
    [
      'on this machine, by name',
      () => receiver.url.replace('127.0.0.1', 'localhost'),
      'is at 127.0.0.1 port',
    ],
    [
      'that is the metadata of a cloud',
      () => 'http://169.254.169.254/latest',
      'is at 169.254.169.254 port 80',
    ],
    ['of the internet without TLS', () => 'http://1.1.1.1/hook', 'is at 1.1.1.1 port 80'],
    [
      'of the internet on a port of something else',
      () => 'https://1.1.1.1:6379/hook',
      'is at 1.1.1.1 port 6379',
    ],
  ])('%s is not called unless the installation allows it', async (_, address, why) => {
    await tell(`${address()}/secret-path`)
    await begin({ allow: ['10.0.0.0/8'] })
    await ended('a')
    await eventually(async () => (await state())?.failure).toContain(why)
    const failure = (await state())?.failure
    expect(failure).toContain('--webhook-allow')
    expect(failure).not.toContain('secret-path')
    expect(calls()).toBe(0)
  })

  test('whose server is away is tried again', async () => {
    await tell()
    await receiver.stop()
    stops.length = 0
    await begin()
    await ended('a')
    await eventually(async () => (await state())?.failure).toMatch(
      /^http:\/\/127.0.0.1:\d+ cannot be reached/,
    )
    expect((await state())?.waiting).toBe(1)
  })
})

test('two that tell tell each end once', async () => {
  await tell()
  await begin()
  await begin({ metrics: createMetrics() })
  const batches = await Promise.all(Array.from({ length: 30 }, (_, i) => ended(`f-${i}`)))
  await eventually(async () => (await state())?.waiting).toBe(0)
  const told = receiver.received.map((call) => receiver.verified(call).data.batch.id)
  expect(told.sort()).toEqual(batches.sort())
})
