import { expect, test } from 'vitest'
import { defaultOptions } from '../../codec/index.ts'
import {
  acceptFile,
  acceptLoneFile,
  addFiles,
  cancelBatch,
  createBatch,
  nextDue,
  outbox,
  queueFiles,
  requireBatch,
  requireFile,
  sealBatch,
} from '../index.ts'
import { type Fixture, jobUid, later, now, tenantId } from './fixture.ts'

/** How files come in: batches, manifests, lone files, names, tenants. */
export function describeSubmitting(fixture: () => Fixture): void {
  test('the migration creates the default job', async () => {
    const tasks = await outbox(fixture().db, now())
    expect(tasks.tasks).toBe(0)
    expect(await nextDue(fixture().db)).toBeUndefined()
  })

  test('a batch opens with its files pending, runs when they are queued and completes when sealed and settled', async () => {
    const files = [fixture().newFile(), fixture().newFile()]
    const batchId = await fixture().newBatch(files)
    expect(await requireBatch(fixture().db, tenantId, batchId)).toMatchObject({ state: 'open', pending: 2 })

    const ids = files.map((f) => f.id)
    const queue = { tenantId, batchId, files: ids.map((id) => ({ id, cost: 5 })), now: now() }
    expect(await queueFiles(fixture().db, queue)).toEqual({ queued: ids, already: [], unknown: [] })
    expect(await queueFiles(fixture().db, queue)).toEqual({ queued: [], already: ids, unknown: [] })
    expect(await requireBatch(fixture().db, tenantId, batchId)).toMatchObject({ state: 'running', queued: 2 })

    await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    await fixture().settle(batchId, ids.slice(0, 1), 'completed')
    expect((await requireBatch(fixture().db, tenantId, batchId)).state).toBe('running')
    await fixture().settle(batchId, ids.slice(1), 'failed')
    const done = await requireBatch(fixture().db, tenantId, batchId)
    expect(done).toMatchObject({ state: 'completed', completed: 1, failed: 1, bytesIn: 100, bytesOut: 40 })
    expect(done.completedAt).toBeInstanceOf(Date)

    const events = await fixture().eventsOf(batchId)
    expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1))
    expect(events.map((e) => e.type)).toEqual([
      'file.queued',
      'file.queued',
      'file.completed',
      'file.failed',
      'batch.completed',
    ])
  })

  test('sealing what is settled already completes the batch once, however often it is sealed', async () => {
    const { batchId, ids } = await fixture().queuedBatch(1)
    await fixture().settle(batchId, ids, 'completed')
    expect((await requireBatch(fixture().db, tenantId, batchId)).state).toBe('running')
    await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    const completions = (await fixture().eventsOf(batchId)).filter((e) => e.type === 'batch.completed')
    expect(completions).toHaveLength(1)
  })

  test('an empty batch completes when it is sealed', async () => {
    const batchId = await fixture().newBatch([])
    const sealed = await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    expect(sealed.state).toBe('completed')
  })

  test('a file alone gets a sealed batch of its own and one task', async () => {
    const newBatchId = fixture().newId()
    const before = await outbox(fixture().db, later(1000))
    const file = await acceptLoneFile(fixture().db, {
      tenantId,
      jobUid,
      newBatchId,
      options: defaultOptions,
      expiresAt: later(1e6),
      file: fixture().newFile(),
      cost: 7,
      now: now(),
    })
    expect(file).toEqual(await requireFile(fixture().db, tenantId, file.id))
    expect(file.state).toBe('queued')
    expect(await requireBatch(fixture().db, tenantId, newBatchId)).toMatchObject({
      sealed: true,
      implicit: true,
      queued: 1,
      lastSeq: 1,
    })
    expect(await fixture().eventsOf(newBatchId)).toEqual([{ seq: 1, type: 'file.queued' }])
    expect((await outbox(fixture().db, later(1000))).tasks).toBe(before.tasks + 1)
  })

  test('files join an open batch and are refused by a sealed one', async () => {
    const batchId = await fixture().newBatch([])
    const accepted = { tenantId, jobUid, batchId, cost: 1, now: now() }
    await acceptFile(fixture().db, { ...accepted, file: fixture().newFile() })
    await addFiles(fixture().db, { tenantId, batchId, files: [fixture().newFile()] })
    expect(await requireBatch(fixture().db, tenantId, batchId)).toMatchObject({ queued: 1, pending: 1 })
    await sealBatch(fixture().db, { tenantId, batchId, now: now() })
    await expect(acceptFile(fixture().db, { ...accepted, file: fixture().newFile() })).rejects.toMatchObject({
      code: 'batch_sealed',
    })
    await expect(
      addFiles(fixture().db, { tenantId, batchId, files: [fixture().newFile()] }),
    ).rejects.toMatchObject({
      code: 'batch_sealed',
    })
  })

  test('two files of one name are refused and leave nothing behind', async () => {
    const batchId = fixture().newId()
    const files = [fixture().newFile({ name: 'a.jpg' }), fixture().newFile({ name: 'a.jpg' })]
    const batch = {
      id: batchId,
      tenantId,
      jobUid,
      options: defaultOptions,
      tags: {},
      expiresAt: later(1e6),
      files,
    }
    await expect(createBatch(fixture().db, batch)).rejects.toMatchObject({ code: 'duplicate_name' })
    await expect(requireBatch(fixture().db, tenantId, batchId)).rejects.toMatchObject({
      code: 'batch_not_found',
    })
  })

  test("another tenant's batch and file do not exist", async () => {
    const { batchId, ids } = await fixture().queuedBatch(1)
    await expect(requireBatch(fixture().db, 'other', batchId)).rejects.toMatchObject({
      code: 'batch_not_found',
    })
    await expect(requireFile(fixture().db, 'other', ids[0] ?? '')).rejects.toMatchObject({
      code: 'file_not_found',
    })
    await expect(cancelBatch(fixture().db, { tenantId: 'other', batchId, now: now() })).rejects.toMatchObject(
      {
        code: 'batch_not_found',
      },
    )
  })
}
