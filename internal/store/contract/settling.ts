import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import {
  cancelBatch,
  cancelFile,
  countFilesByState,
  deleteBatch,
  deleteFile,
  dueObjectDeletions,
  expireUploads,
  forgetCancellations,
  latestCancellations,
  requireBatch,
  requireFile,
  retryFiles,
  sealBatch,
  unfinishedCancellations,
} from '../index.ts'
import { type Fixture, jobUid, later, now, tenantId } from './fixture.ts'

/** How files end: events, cancelling, retrying, deleting, expiring. */
export function describeSettling(fixture: () => Fixture): void {
  test('event numbers stay gapless when transactions run side by side', async () => {
    const { batchId, ids } = await fixture().queuedBatch(40)
    await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    const groups = Array.from({ length: 10 }, (_, i) => ids.slice(i * 4, i * 4 + 4))
    await Promise.all(groups.map((group) => fixture().settle(batchId, group, 'completed')))
    const events = await fixture().eventsOf(batchId)
    expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1))
    expect(events.filter((e) => e.type === 'batch.completed')).toHaveLength(1)
    expect(await requireBatch(fixture().db, tenantId, batchId)).toMatchObject({
      state: 'completed',
      bytesOut: 1600,
    })
  })

  test('cancelling ends what is open, keeps what has ended and is repeatable', async () => {
    const { batchId, ids } = await fixture().queuedBatch(3)
    await fixture().settle(batchId, ids.slice(0, 1), 'completed')
    const cancelled = await cancelBatch(fixture().db, { tenantId, batchId, now: now() })
    expect(cancelled).toMatchObject({
      state: 'cancelled',
      sealed: true,
      cancelled: 2,
      completed: 1,
      queued: 0,
    })
    const events = await fixture().eventsOf(batchId)
    expect(events.slice(-3).map((e) => e.type)).toEqual([
      'file.cancelled',
      'file.cancelled',
      'batch.cancelled',
    ])
    await cancelBatch(fixture().db, { tenantId, batchId, now: now() })
    expect(await fixture().eventsOf(batchId)).toEqual(events)
    await expect(retryFiles(fixture().db, { tenantId, batchId, now: now() })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  test('a cancelling that was cut off is found and can be finished', async () => {
    const { batchId } = await fixture().queuedBatch(2)
    // As after a crash between the mark and the files.
    await fixture().db.execute(
      sql`update batches set state = 'cancelled', sealed = true where id = ${batchId}`,
    )
    expect(await unfinishedCancellations(fixture().db)).toEqual([{ id: batchId, tenantId }])
    const finished = await cancelBatch(fixture().db, { tenantId, batchId, now: now() })
    expect(finished).toMatchObject({ state: 'cancelled', cancelled: 2, queued: 0 })
    expect(await unfinishedCancellations(fixture().db)).toEqual([])
  })

  test('cancelling one file completes a sealed batch that has nothing else open', async () => {
    const { batchId, ids } = await fixture().queuedBatch(1)
    await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    await cancelFile(fixture().db, { tenantId, fileId: ids[0] ?? '', now: now() })
    expect((await requireBatch(fixture().db, tenantId, batchId)).state).toBe('completed')
  })

  test('a retry call queues failed files again and reopens their batch', async () => {
    const { batchId, ids } = await fixture().queuedBatch(3)
    await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    await fixture().settle(batchId, ids.slice(0, 2), 'failed')
    await fixture().settle(batchId, ids.slice(2), 'completed')
    expect(await retryFiles(fixture().db, { tenantId, batchId, codes: ['poison'], now: now() })).toBe(0)
    expect(await retryFiles(fixture().db, { tenantId, batchId, codes: ['corrupt_input'], now: now() })).toBe(
      2,
    )
    expect(await requireBatch(fixture().db, tenantId, batchId)).toMatchObject({
      state: 'running',
      queued: 2,
      completedAt: null,
    })
    expect(await requireFile(fixture().db, tenantId, ids[0] ?? '')).toMatchObject({
      attempt: 2,
      seq: -1,
      errorCode: null,
    })
    const retryDone = { tenantId, fileId: ids[2] ?? '', now: now() }
    await expect(retryFiles(fixture().db, retryDone)).rejects.toMatchObject({ code: 'not_failed' })
  })

  test('only what failed keeps its task, for a retry', async () => {
    const { db } = fixture()
    const { batchId, ids } = await fixture().queuedBatch(3)
    const [done = '', failed = '', cancelled = ''] = ids
    await fixture().settle(batchId, [done], 'completed')
    await fixture().settle(batchId, [failed], 'failed')
    await cancelFile(db, { tenantId, fileId: cancelled, now: now() })
    const tasks = () => db.query.tasks.findMany({ where: (task, { eq }) => eq(task.batchId, batchId) })
    expect(await tasks()).toMatchObject([{ fileId: failed, state: 'done' }])
    await retryFiles(db, { tenantId, fileId: failed, now: now() })
    expect(await tasks()).toMatchObject([{ fileId: failed, state: 'waiting', attempt: 2 }])
  })

  test('deleting a file takes it out of the totals and leaves its objects to be deleted', async () => {
    const { batchId, ids } = await fixture().queuedBatch(2)
    await fixture().settle(batchId, ids, 'completed')
    await deleteFile(fixture().db, { tenantId, fileId: ids[0] ?? '', now: now() })
    expect(await requireBatch(fixture().db, tenantId, batchId)).toMatchObject({
      completed: 1,
      bytesIn: 100,
      bytesOut: 40,
    })
    const keys = await dueObjectDeletions(fixture().db, 1000)
    expect(keys).toEqual(expect.arrayContaining([`in/default/${ids[0]}`, `out/default/${ids[0]}/h`]))
    await expect(requireFile(fixture().db, tenantId, ids[0] ?? '')).rejects.toMatchObject({
      code: 'file_not_found',
    })
  })

  test('deleting a batch erases files, tasks and events', async () => {
    const { batchId, ids } = await fixture().queuedBatch(2)
    await deleteBatch(fixture().db, { tenantId, batchId, now: now() })
    await expect(requireBatch(fixture().db, tenantId, batchId)).rejects.toMatchObject({
      code: 'batch_not_found',
    })
    expect(await fixture().eventsOf(batchId)).toEqual([])
    expect(await dueObjectDeletions(fixture().db, 1000)).toEqual(
      expect.arrayContaining(ids.map((id) => `in/default/${id}`)),
    )
  })

  test('a batch with more events than go in one page is deleted whole', async () => {
    const { batchId } = await fixture().queuedBatch(1)
    await fixture().db.execute(sql`insert into events (batch_id, seq, type, data)
      select ${batchId}, n, 'file.queued', '{}' from generate_series(2, 12001) n`)
    await deleteBatch(fixture().db, { tenantId, batchId, now: now() })
    expect(await fixture().eventsOf(batchId)).toEqual([])
  })

  test('what is cancelled or deleted while it may be in work is told to workers, newest first', async () => {
    const latest = async () =>
      (await latestCancellations(fixture().db, { jobUid, limit: 3 })).map((c) => c.fileId ?? c.batchId)
    const { batchId, ids } = await fixture().queuedBatch(4)
    const [cancelled = '', deleted = '', done = ''] = ids
    await fixture().settle(batchId, [done], 'completed')
    await cancelFile(fixture().db, { tenantId, fileId: cancelled, now: now() })
    await cancelFile(fixture().db, { tenantId, fileId: cancelled, now: now() })
    await deleteFile(fixture().db, { tenantId, fileId: deleted, now: now() })
    await deleteFile(fixture().db, { tenantId, fileId: done, now: now() })
    await cancelBatch(fixture().db, { tenantId, batchId, now: now() })
    expect(await latest()).toEqual([batchId, deleted, cancelled])
    const other = await fixture().queuedBatch(1)
    await deleteBatch(fixture().db, { tenantId, batchId: other.batchId, now: now() })
    expect((await latest())[0]).toBe(other.batchId)
    expect(await latestCancellations(fixture().db, { jobUid: 'another', limit: 3 })).toEqual([])
    await forgetCancellations(fixture().db, later(1_000))
    expect(await latest()).toEqual([])
  })

  test('files counts by state come from the batches', async () => {
    const before = await countFilesByState(fixture().db)
    await fixture().queuedBatch(3)
    expect(await countFilesByState(fixture().db)).toEqual({ ...before, queued: before.queued + 3 })
  })

  test('what was never uploaded is not tried again', async () => {
    const { db, newFile } = fixture()
    const file = newFile({ uploadExpiresAt: later(-1000) })
    const batchId = await fixture().newBatch([file])
    await expireUploads(db, { now: now(), limit: 10 })
    await expect(retryFiles(db, { tenantId, fileId: file.id, now: now() })).rejects.toMatchObject({
      code: 'upload_expired',
    })
    expect(await retryFiles(db, { tenantId, batchId, now: now() })).toBe(0)
    expect(await requireFile(db, tenantId, file.id)).toMatchObject({ state: 'failed' })
  })

  test('uploads that never came fail when their URL has expired', async () => {
    const batchId = await fixture().newBatch([
      fixture().newFile({ uploadExpiresAt: later(-1000) }),
      fixture().newFile({ uploadExpiresAt: later(1e6) }),
    ])
    expect(await expireUploads(fixture().db, { now: now(), limit: 10 })).toBe(1)
    expect(await requireBatch(fixture().db, tenantId, batchId)).toMatchObject({ failed: 1, pending: 1 })
  })
}
