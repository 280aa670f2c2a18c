import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { cancelFile, leaseTasks, markReleased, nextDue, openWork, releaseAgain } from '../index.ts'
import { type Fixture, jobUid, later, now, tenantId } from './fixture.ts'

/** How tasks leave the outbox. */
export function describeReleasing(fixture: () => Fixture): void {
  const lease = { jobUid, limit: 100, costBudget: 1e9, leasedUntil: later(600_000) }

  async function drain() {
    await fixture().db.execute(sql`update tasks set state = 'done'`)
  }

  async function task(overrides: { tenant?: string; priority?: number; cost?: number }) {
    const { batchId, ids } = await fixture().queuedBatch(1)
    await fixture().db.execute(sql`update tasks set tenant_id = ${overrides.tenant ?? 'default'},
      priority = ${overrides.priority ?? 0}, cost = ${overrides.cost ?? 10} where batch_id = ${batchId}`)
    return ids[0] ?? ''
  }

  test('a leased task is not leased again before its lease ends', async () => {
    await drain()
    const id = await task({})
    expect((await leaseTasks(fixture().db, { ...lease, now: later(5) })).map((t) => t.id)).toEqual([id])
    expect(await leaseTasks(fixture().db, { ...lease, now: later(5) })).toEqual([])
    expect((await leaseTasks(fixture().db, { ...lease, now: later(601_000) })).map((t) => t.id)).toEqual([id])
  })

  test('what is released counts as open until it is done, and can be released again', async () => {
    await drain()
    await task({ cost: 30 })
    const [leased] = await leaseTasks(fixture().db, { ...lease, now: later(5) })
    await markReleased(fixture().db, [{ id: leased?.id ?? '', attempt: 1, partition: 2 }], now())
    expect(await openWork(fixture().db, jobUid)).toEqual([{ partition: 2, tasks: 1, cost: 30 }])
    expect(await releaseAgain(fixture().db, { jobUid, releasedBefore: later(1000), now: now() })).toBe(1)
    expect(await openWork(fixture().db, jobUid)).toEqual([])
    expect(await leaseTasks(fixture().db, { ...lease, now: later(5) })).toHaveLength(1)
  })

  test('a task that ended while it was being published is not marked released', async () => {
    await drain()
    const id = await task({})
    await leaseTasks(fixture().db, { ...lease, now: later(5) })
    await cancelFile(fixture().db, { tenantId, fileId: id, now: now() })
    await markReleased(fixture().db, [{ id, attempt: 1, partition: 0 }], now())
    expect(await openWork(fixture().db, jobUid)).toEqual([])
  })

  test('tenants take turns by cost, whoever came first', async () => {
    await drain()
    for (let i = 0; i < 4; i++) await task({ tenant: 'flood', cost: 10 })
    const small = await task({ tenant: 'small', cost: 10 })
    const taken = await leaseTasks(fixture().db, { ...lease, limit: 2, now: later(5) })
    expect(taken.map((t) => t.tenant_id).sort()).toEqual(['flood', 'small'])
    expect(taken.map((t) => t.id)).toContain(small)
  })

  test('nothing is due while the only job with work is suspended', async () => {
    await drain()
    await task({})
    const setState = (state: string) =>
      fixture().db.execute(sql`update jobs set state = ${state} where uid = ${jobUid}`)
    await setState('suspended')
    expect(await nextDue(fixture().db)).toBeUndefined()
    await setState('active')
    expect(await nextDue(fixture().db)).toBeInstanceOf(Date)
  })

  test('a higher priority goes first', async () => {
    await drain()
    await task({})
    const urgent = await task({ priority: 5 })
    const taken = await leaseTasks(fixture().db, { ...lease, limit: 1, now: later(5) })
    expect(taken.map((t) => t.id)).toEqual([urgent])
  })

  test('the budget of cost bounds a lease, but one task is always taken', async () => {
    await drain()
    for (let i = 0; i < 3; i++) await task({ cost: 100 })
    expect(await leaseTasks(fixture().db, { ...lease, costBudget: 1, now: later(5) })).toHaveLength(1)
    expect(await leaseTasks(fixture().db, { ...lease, costBudget: 150, now: later(5) })).toHaveLength(2)
  })
}
