import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { forgetActivity, readActivity, retryFiles, sampleOpenTasks } from '../index.ts'
import { type Fixture, later, tenantId } from './fixture.ts'

/** What the charts show: outcomes and open tasks over time. */
export function describeActivity(fixture: () => Fixture): void {
  const empty = () => fixture().db.execute(sql`truncate activity`)
  const read = (window: '15m' | '7d', now = new Date()) =>
    readActivity(fixture().db, { tenantId, window, now })

  test('counts what completed and failed when it did, in every window', async () => {
    await empty()
    const { batchId, ids } = await fixture().queuedBatch(5)
    await fixture().settle(batchId, ids.slice(0, 2), 'completed')
    await fixture().settle(batchId, ids.slice(2, 3), 'failed')
    await fixture().settle(batchId, ids.slice(3, 4), 'completed')
    const total = { completed: 3, failed: 1, retried: 0, bytesIn: 300, bytesOut: 120 }
    for (const window of ['15m', '7d'] as const) {
      const activity = await read(window)
      expect(activity.total).toMatchObject(total)
      expect(activity.buckets.reduce((sum, bucket) => sum + bucket.completed, 0)).toBe(3)
      const busy = activity.buckets.filter((bucket) => bucket.completed > 0)
      expect(busy.length).toBeLessThanOrEqual(2)
      for (const { at } of busy) expect(Math.abs(Date.now() - at.getTime())).toBeLessThan(3 * 7_200_000)
    }
  })

  test('tells how long files took from being queued to their end', async () => {
    await empty()
    const { batchId, ids } = await fixture().queuedBatch(4)
    await fixture().settle(batchId, ids, 'completed', { tookMs: 4000 })
    const { latency } = (await read('15m')).total
    expect(latency?.p50).toBeGreaterThan(2500)
    expect(latency?.p95).toBeLessThan(6500)
  })

  test('does not count an outcome twice, and a retry call not at all', async () => {
    await empty()
    const { batchId, ids } = await fixture().queuedBatch(2)
    await fixture().settle(batchId, ids, 'failed')
    await fixture().settle(batchId, ids, 'failed')
    await retryFiles(fixture().db, { tenantId, batchId, now: new Date() })
    expect((await read('15m')).total).toMatchObject({ completed: 0, failed: 2, retried: 0 })
  })

  test('knows how much is open now, and the most there was', async () => {
    await empty()
    const before = (await read('15m')).open
    const { batchId, ids } = await fixture().queuedBatch(7)
    await sampleOpenTasks(fixture().db, later(-60_000))
    await sampleOpenTasks(fixture().db, new Date())
    await fixture().settle(batchId, ids, 'completed')
    const { open, buckets } = await read('15m')
    expect(open).toBe(before)
    const seen = buckets.filter((bucket) => bucket.open >= before + 7)
    expect(seen.length).toBeGreaterThanOrEqual(2)
  })

  test('shows a tenant its own, and forgets what no window shows', async () => {
    await empty()
    const { batchId, ids } = await fixture().queuedBatch(1)
    await fixture().settle(batchId, ids, 'completed')
    const foreign = await readActivity(fixture().db, { tenantId: 'other', window: '15m', now: new Date() })
    expect(foreign).toMatchObject({ open: 0, total: { completed: 0 } })
    await forgetActivity(fixture().db, later(3 * 3_600_000))
    expect((await read('15m')).total.completed).toBe(0)
    expect((await read('7d')).total.completed).toBe(1)
    await forgetActivity(fixture().db, later(9 * 86_400_000))
    expect((await read('7d')).total.completed).toBe(0)
  })
}
