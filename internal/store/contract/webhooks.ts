import { sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import {
  batchView,
  cancelBatch,
  cancelFile,
  deleteBatch,
  ensureIngestJob,
  type LeasedDelivery,
  leaseDeliveries,
  recordAttempt,
  releaseDelivery,
  removeWebhook,
  requireBatch,
  retryFiles,
  sealBatch,
  upsertWebhook,
  waitingDeliveries,
  webhookState,
} from '../index.ts'
import { queryRows } from '../rows.ts'
import { type Fixture, later, now, tenantId } from './fixture.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** Who is told that a batch has ended, once, and what becomes of the telling. */
export function describeWebhooks(fixture: () => Fixture): void {
  const job = 'told'
  const url = 'https://hooks.example.com/a'

  beforeEach(async () => {
    const { db } = fixture()
    await ensureIngestJob(db, { name: job, partitions: 1, maxAttempts: 3 })
    for (const uid of [job, 'other']) await removeWebhook(db, uid)
    await db.execute(sql`delete from webhook_deliveries`)
    await upsertWebhook(db, { jobUid: job, url, secret }, now())
  })

  /** A batch of the job that has just completed. */
  async function ended(uid = job): Promise<string> {
    const { batchId, ids } = await fixture().queuedBatch(2, { job: uid })
    await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    await fixture().settle(batchId, ids, 'completed')
    return batchId
  }

  function lease(options: { at?: Date; limit?: number; perHost?: number; inHand?: [string, number][] } = {}) {
    const { at = later(10), limit = 10, perHost = 10, inHand = [] } = options
    return leaseDeliveries(fixture().db, {
      limit,
      perHost,
      inHand: new Map(inHand),
      now: at,
      leasedUntil: new Date(at.getTime() + 60_000),
    })
  }
  const only = (leased: LeasedDelivery[]): LeasedDelivery => {
    expect(leased).toHaveLength(1)
    const [one] = leased
    if (one === undefined) throw new Error('nothing was leased')
    return one
  }
  const rows = (batchId: string) =>
    queryRows(
      fixture().db,
      z.object({ type: z.string(), attempts: z.number(), error: z.string().nullable(), open: z.boolean() }),
      sql`select type, attempts, last_error as error, next_attempt_at is not null as open
        from webhook_deliveries where batch_id = ${batchId} order by seq`,
    )

  test('the transaction that completes a batch queues the telling, with the batch as it is then', async () => {
    const { db } = fixture()
    const { batchId, ids } = await fixture().queuedBatch(2, { job })
    await sealBatch(db, { tenantId, batchId, now: now() })
    await fixture().settle(batchId, ids.slice(0, 1), 'completed')
    expect(await rows(batchId)).toEqual([])
    await fixture().settle(batchId, ids.slice(1), 'failed')
    const batch = await requireBatch(db, tenantId, batchId)
    const seq = batch.lastSeq
    // What happens to it afterwards is not what is told.
    await retryFiles(db, { tenantId, batchId, now: now() })
    const one = only(await lease())
    expect(one).toMatchObject({
      batchId,
      seq,
      type: 'batch.completed',
      attempts: 0,
      url,
      host: 'hooks.example.com',
      secret,
      job: { uid: job, namespace: '', name: job },
    })
    expect(one.batch).toEqual(batchView(batch))
    expect(one.endedAt).toEqual(batch.completedAt)
  })

  test('a batch is told once for each time it completes', async () => {
    const { db } = fixture()
    const { batchId, ids } = await fixture().queuedBatch(8, { job })
    await sealBatch(db, { tenantId, batchId, now: now() })
    await Promise.all(ids.map((id) => fixture().settle(batchId, [id], 'failed')))
    await fixture().settle(batchId, ids, 'failed')
    expect(await rows(batchId)).toHaveLength(1)
    await retryFiles(db, { tenantId, batchId, now: now() })
    await fixture().settle(batchId, ids, 'completed')
    expect(await rows(batchId)).toHaveLength(2)
  })

  test('a batch that was cancelled is told too, once; jobs without a webhook tell nobody', async () => {
    const { db } = fixture()
    const { batchId, ids } = await fixture().queuedBatch(3, { job })
    await fixture().settle(batchId, ids.slice(0, 1), 'completed')
    for (let time = 0; time < 2; time++) await cancelBatch(db, { tenantId, batchId, now: now() })
    const one = only(await lease())
    expect(one).toMatchObject({ type: 'batch.cancelled', batch: { state: 'cancelled' } })
    expect(one.batch.files).toMatchObject({ completed: 1, cancelled: 2, total: 3 })
    // One that ends because its last file was cancelled has completed.
    const other = await fixture().queuedBatch(1, { job })
    await sealBatch(db, { tenantId, batchId: other.batchId, now: now() })
    await cancelFile(db, { tenantId, fileId: other.ids[0] ?? '', now: now() })
    expect(await rows(other.batchId)).toMatchObject([{ type: 'batch.completed' }])
    const silent = await fixture().queuedBatch(1)
    await cancelBatch(db, { tenantId, batchId: silent.batchId, now: now() })
    expect(await rows(silent.batchId)).toEqual([])
  })

  test('what is leased is nobody else’s until the lease ends or is given back', async () => {
    await ended()
    const one = only(await lease())
    expect(await lease()).toEqual([])
    await releaseDelivery(fixture().db, one)
    only(await lease())
    // As after a crash of whoever sent it: the same message again.
    expect(only(await lease({ at: later(120_000) }))).toMatchObject({ batchId: one.batchId, seq: one.seq })
  })

  test('two that lease at the same time share what there is', async () => {
    for (let i = 0; i < 6; i++) await ended()
    const both = await Promise.all([lease({ limit: 4 }), lease({ limit: 4 })])
    const seen = both.flat().map(({ batchId }) => batchId)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length + (await lease()).length).toBe(6)
  })

  test('a host gets no more calls than it may have, whatever waits, and others come next', async () => {
    const { db } = fixture()
    await ensureIngestJob(db, { name: 'other', partitions: 1, maxAttempts: 3 })
    await upsertWebhook(db, { jobUid: 'other', url: 'https://else.example.com/', secret }, now())
    for (let i = 0; i < 4; i++) await ended()
    await ended('other')
    const hosts = (leased: LeasedDelivery[]) => leased.map(({ host }) => host).sort()
    expect(hosts(await lease({ perHost: 2, inHand: [['hooks.example.com', 1]] }))).toEqual([
      'else.example.com',
      'hooks.example.com',
    ])
    expect(hosts(await lease({ perHost: 2, inHand: [['hooks.example.com', 2]] }))).toEqual([])
  })

  test('an attempt that failed comes again when it is due, and what it met is known until one is taken', async () => {
    const { db } = fixture()
    const batchId = await ended()
    const one = only(await lease())
    const due = later(30_000)
    await recordAttempt(db, one, { kind: 'failed', error: 'answered 500', nextAttemptAt: due }, now())
    expect(await webhookState(db, job)).toEqual({ gone: false, failure: 'answered 500', waiting: 1 })
    expect(await waitingDeliveries(db)).toEqual({ count: 1, oldest: one.endedAt })
    expect(await lease({ at: later(20_000) })).toEqual([])
    const again = only(await lease({ at: later(31_000) }))
    expect(again).toMatchObject({ batchId, seq: one.seq, attempts: 1 })
    await recordAttempt(db, again, { kind: 'delivered' }, now())
    // Somebody whose lease had ended comes late: what has ended stays so.
    await recordAttempt(db, one, { kind: 'given_up', error: 'late' }, now())
    expect(await rows(batchId)).toEqual([{ type: 'batch.completed', attempts: 2, error: null, open: false }])
    expect(await lease({ at: later(1e9) })).toEqual([])
    expect(await waitingDeliveries(db)).toEqual({ count: 0, oldest: undefined })
  })

  test('a receiver that is gone hears no more, until another address is given', async () => {
    const { db } = fixture()
    const [first, second] = [await ended(), await ended()]
    const one = only(await lease({ limit: 1 }))
    await recordAttempt(db, one, { kind: 'gone', error: 'answered 410' }, now())
    expect(await webhookState(db, job)).toMatchObject({ gone: true, failure: 'answered 410', waiting: 1 })
    expect(await lease()).toEqual([])
    expect(await rows(await ended())).toEqual([])
    await upsertWebhook(db, { jobUid: job, url, secret }, now())
    expect(await lease()).toEqual([])
    await upsertWebhook(db, { jobUid: job, url: `${url}/new`, secret }, now())
    expect(await webhookState(db, job)).toEqual({ gone: false, failure: undefined, waiting: 0 })
    const third = await ended()
    expect(only(await lease())).toMatchObject({ batchId: third, url: `${url}/new` })
    expect([first, second]).toContain(one.batchId)
  })

  test('nothing is sent without a secret, and what waits goes out with the new one or to the new address at once', async () => {
    const { db } = fixture()
    await upsertWebhook(db, { jobUid: job, url, secret: undefined }, now())
    await ended()
    expect(await lease()).toEqual([])
    expect(await webhookState(db, job)).toMatchObject({ waiting: 1 })
    await upsertWebhook(db, { jobUid: job, url, secret }, now())
    const one = only(await lease())
    await recordAttempt(db, one, { kind: 'failed', error: 'x', nextAttemptAt: later(3_600_000) }, now())
    // What an old address answers says nothing of the new one.
    await upsertWebhook(db, { jobUid: job, url: 'https://b.example.com/', secret }, now())
    await recordAttempt(db, { ...one, seq: -1 }, { kind: 'gone', error: 'answered 410' }, now())
    expect(await webhookState(db, job)).toMatchObject({ gone: false, failure: undefined })
    expect(only(await lease())).toMatchObject({ host: 'b.example.com', attempts: 1 })
  })

  test('a webhook that is taken away takes what waits with it, and a batch its telling', async () => {
    const { db } = fixture()
    const told = await ended()
    await recordAttempt(db, only(await lease()), { kind: 'delivered' }, now())
    const waits = await ended()
    await removeWebhook(db, job)
    expect(await webhookState(db, job)).toBeUndefined()
    expect(await rows(waits)).toEqual([])
    expect(await rows(told)).toHaveLength(1)
    await deleteBatch(db, { tenantId, batchId: told, now: now() })
    expect(await rows(told)).toEqual([])
  })
}
