import { expect, test } from 'vitest'
import { requireBatch } from '../index.ts'
import { type Fixture, tenantId } from './fixture.ts'

/** Notifications and upkeep. */
export function describeUpkeep(fixture: () => Fixture): void {
  test('upkeep changes nothing anybody sees', async () => {
    const { batchId, ids } = await fixture().queuedBatch(2)
    await fixture().settle(batchId, ids, 'completed')
    const before = await requireBatch(fixture().db, tenantId, batchId)
    await fixture().store.maintain()
    expect(await requireBatch(fixture().db, tenantId, batchId)).toEqual(before)
  })

  test('listeners hear of tasks and of the batches that have events', async () => {
    const heard: string[] = []
    const { promise: tasked, resolve: onTask } = Promise.withResolvers<void>()
    const stopTasks = await fixture().store.listen('tasks', () => onTask())
    const stopEvents = await fixture().store.listen('events', (payload) => heard.push(payload))
    const { batchId } = await fixture().queuedBatch(1)
    await tasked
    await expect.poll(() => heard).toContain(batchId)
    await stopTasks()
    await stopEvents()
    const count = heard.length
    await fixture().queuedBatch(1)
    expect(heard).toHaveLength(count)
  })
}
