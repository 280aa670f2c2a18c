import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defaultOptions } from '../codec/index.ts'
import type { FileResult } from '../messages/index.ts'
import {
  acceptFile,
  acceptLoneFile,
  addFiles,
  cancelBatch,
  cancelFile,
  changeFiles,
  countFilesByState,
  createBatch,
  type Database,
  deleteBatch,
  deleteFile,
  dueObjectDeletions,
  expireUploads,
  type FileRow,
  leaseTasks,
  markReleased,
  type NewFile,
  nextDue,
  openWork,
  outbox,
  queueFiles,
  releaseAgain,
  requireBatch,
  requireFile,
  retryFiles,
  type Store,
  sealBatch,
} from './index.ts'
import { queryRows } from './rows.ts'

const tenantId = 'default'
const jobUid = 'default'

/** What every store must do, whatever Postgres is behind it. `makeStore` gives an empty, migrated one. */
export function describeStore(name: string, makeStore: () => Promise<Store>): void {
  describe(`${name} store`, () => {
    let store: Store
    let db: Database
    beforeAll(async () => {
      store = await makeStore()
      db = store.db
    }, 120_000)
    afterAll(() => store.close())

    let counter = 0
    const newId = () => `id-${String(++counter).padStart(8, '0')}`
    const now = () => new Date()
    const later = (ms: number) => new Date(Date.now() + ms)

    function newFile(overrides: Partial<NewFile> = {}): NewFile {
      const id = newId()
      return { id, name: `${id}.jpg`, size: 100, tags: {}, uploadKey: `in/default/${id}`, ...overrides }
    }

    async function newBatch(files: NewFile[]) {
      const id = newId()
      await createBatch(db, {
        id,
        tenantId,
        jobUid,
        options: defaultOptions,
        tags: {},
        expiresAt: later(3_600_000),
        files,
      })
      return id
    }

    async function queuedBatch(count: number) {
      const files = Array.from({ length: count }, () => newFile())
      const batchId = await newBatch(files)
      await queueFiles(db, {
        tenantId,
        batchId,
        files: files.map((f) => ({ id: f.id, cost: 10 })),
        now: now(),
      })
      return { batchId, ids: files.map((f) => f.id) }
    }

    /** Moves files as the projector would. */
    function settle(batchId: string, ids: string[], state: 'completed' | 'failed') {
      return db.transaction((tx) =>
        changeFiles(tx, { batchIds: [batchId], ids, now: now() }, (rows) =>
          rows.map((before) => ({
            before,
            after: { ...before, ...settled(before, state) },
            task: 'done' as const,
            event: { type: `file.${state}` as const, data: { state } },
          })),
        ),
      )
    }

    function settled(file: FileRow, state: 'completed' | 'failed'): Partial<FileRow> {
      if (state === 'failed') return { state, errorCode: 'corrupt_input', errorMessage: 'x', seq: 1 }
      return { state, seq: 1, result: resultOf(file) }
    }

    function resultOf(file: FileRow): FileResult {
      const output = {
        name: file.name,
        type: 'image/jpeg',
        bytes: 40,
        sha256: 'a',
        key: `out/default/${file.id}/h`,
        etag: 'e',
      }
      return {
        outcome: 'compressed',
        bytesIn: 100,
        bytesOut: 40,
        cpuMs: 1,
        type: 'image/jpeg',
        outputs: [output],
      }
    }

    const eventRow = z.object({ seq: z.coerce.number(), type: z.string() })
    const eventsOf = (batchId: string) =>
      queryRows(db, eventRow, sql`select seq, type from events where batch_id = ${batchId} order by seq`)

    test('the migration creates the default job', async () => {
      const tasks = await outbox(db, now())
      expect(tasks.tasks).toBe(0)
      expect(await nextDue(db)).toBeUndefined()
    })

    test('a batch opens with its files pending, runs when they are queued and completes when sealed and settled', async () => {
      const files = [newFile(), newFile()]
      const batchId = await newBatch(files)
      expect(await requireBatch(db, tenantId, batchId)).toMatchObject({ state: 'open', pending: 2 })

      const ids = files.map((f) => f.id)
      const queue = { tenantId, batchId, files: ids.map((id) => ({ id, cost: 5 })), now: now() }
      expect(await queueFiles(db, queue)).toEqual({ queued: ids, already: [], unknown: [] })
      expect(await queueFiles(db, queue)).toEqual({ queued: [], already: ids, unknown: [] })
      expect(await requireBatch(db, tenantId, batchId)).toMatchObject({ state: 'running', queued: 2 })

      await sealBatch(db, { tenantId, batchId, now: now() })
      await settle(batchId, ids.slice(0, 1), 'completed')
      expect((await requireBatch(db, tenantId, batchId)).state).toBe('running')
      await settle(batchId, ids.slice(1), 'failed')
      const done = await requireBatch(db, tenantId, batchId)
      expect(done).toMatchObject({ state: 'completed', completed: 1, failed: 1, bytesIn: 100, bytesOut: 40 })
      expect(done.completedAt).toBeInstanceOf(Date)

      const events = await eventsOf(batchId)
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
      const { batchId, ids } = await queuedBatch(1)
      await settle(batchId, ids, 'completed')
      expect((await requireBatch(db, tenantId, batchId)).state).toBe('running')
      await sealBatch(db, { tenantId, batchId, now: now() })
      await sealBatch(db, { tenantId, batchId, now: now() })
      const completions = (await eventsOf(batchId)).filter((e) => e.type === 'batch.completed')
      expect(completions).toHaveLength(1)
    })

    test('an empty batch completes when it is sealed', async () => {
      const batchId = await newBatch([])
      const sealed = await sealBatch(db, { tenantId, batchId, now: now() })
      expect(sealed.state).toBe('completed')
    })

    test('a file alone gets a sealed batch of its own and one task', async () => {
      const newBatchId = newId()
      const before = await outbox(db, later(1000))
      const file = await acceptLoneFile(db, {
        tenantId,
        jobUid,
        newBatchId,
        options: defaultOptions,
        expiresAt: later(1e6),
        file: newFile(),
        cost: 7,
        now: now(),
      })
      expect(file.state).toBe('queued')
      expect(await requireBatch(db, tenantId, newBatchId)).toMatchObject({
        sealed: true,
        implicit: true,
        queued: 1,
        lastSeq: 1,
      })
      expect(await eventsOf(newBatchId)).toEqual([{ seq: 1, type: 'file.queued' }])
      expect((await outbox(db, later(1000))).tasks).toBe(before.tasks + 1)
    })

    test('files join an open batch and are refused by a sealed one', async () => {
      const batchId = await newBatch([])
      const accepted = { tenantId, jobUid, batchId, cost: 1, now: now() }
      await acceptFile(db, { ...accepted, file: newFile() })
      await addFiles(db, { tenantId, batchId, files: [newFile()] })
      expect(await requireBatch(db, tenantId, batchId)).toMatchObject({ queued: 1, pending: 1 })
      await sealBatch(db, { tenantId, batchId, now: now() })
      await expect(acceptFile(db, { ...accepted, file: newFile() })).rejects.toMatchObject({
        code: 'batch_sealed',
      })
      await expect(addFiles(db, { tenantId, batchId, files: [newFile()] })).rejects.toMatchObject({
        code: 'batch_sealed',
      })
    })

    test('two files of one name are refused and leave nothing behind', async () => {
      const batchId = newId()
      const files = [newFile({ name: 'a.jpg' }), newFile({ name: 'a.jpg' })]
      const batch = {
        id: batchId,
        tenantId,
        jobUid,
        options: defaultOptions,
        tags: {},
        expiresAt: later(1e6),
        files,
      }
      await expect(createBatch(db, batch)).rejects.toMatchObject({ code: 'duplicate_name' })
      await expect(requireBatch(db, tenantId, batchId)).rejects.toMatchObject({ code: 'batch_not_found' })
    })

    test("another tenant's batch and file do not exist", async () => {
      const { batchId, ids } = await queuedBatch(1)
      await expect(requireBatch(db, 'other', batchId)).rejects.toMatchObject({ code: 'batch_not_found' })
      await expect(requireFile(db, 'other', ids[0] ?? '')).rejects.toMatchObject({ code: 'file_not_found' })
      await expect(cancelBatch(db, { tenantId: 'other', batchId, now: now() })).rejects.toMatchObject({
        code: 'batch_not_found',
      })
    })

    test('event numbers stay gapless when transactions run side by side', async () => {
      const { batchId, ids } = await queuedBatch(40)
      await sealBatch(db, { tenantId, batchId, now: now() })
      const groups = Array.from({ length: 10 }, (_, i) => ids.slice(i * 4, i * 4 + 4))
      await Promise.all(groups.map((group) => settle(batchId, group, 'completed')))
      const events = await eventsOf(batchId)
      expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1))
      expect(events.filter((e) => e.type === 'batch.completed')).toHaveLength(1)
      expect(await requireBatch(db, tenantId, batchId)).toMatchObject({ state: 'completed', bytesOut: 1600 })
    })

    test('cancelling ends what is open, keeps what has ended and is repeatable', async () => {
      const { batchId, ids } = await queuedBatch(3)
      await settle(batchId, ids.slice(0, 1), 'completed')
      const cancelled = await cancelBatch(db, { tenantId, batchId, now: now() })
      expect(cancelled).toMatchObject({
        state: 'cancelled',
        sealed: true,
        cancelled: 2,
        completed: 1,
        queued: 0,
      })
      const events = await eventsOf(batchId)
      await cancelBatch(db, { tenantId, batchId, now: now() })
      expect(await eventsOf(batchId)).toEqual(events)
      await expect(retryFiles(db, { tenantId, batchId, now: now() })).rejects.toMatchObject({
        code: 'cancelled',
      })
    })

    test('cancelling one file completes a sealed batch that has nothing else open', async () => {
      const { batchId, ids } = await queuedBatch(1)
      await sealBatch(db, { tenantId, batchId, now: now() })
      await cancelFile(db, { tenantId, fileId: ids[0] ?? '', now: now() })
      expect((await requireBatch(db, tenantId, batchId)).state).toBe('completed')
    })

    test('a retry call queues failed files again and reopens their batch', async () => {
      const { batchId, ids } = await queuedBatch(3)
      await sealBatch(db, { tenantId, batchId, now: now() })
      await settle(batchId, ids.slice(0, 2), 'failed')
      await settle(batchId, ids.slice(2), 'completed')
      expect(await retryFiles(db, { tenantId, batchId, codes: ['poison'], now: now() })).toBe(0)
      expect(await retryFiles(db, { tenantId, batchId, codes: ['corrupt_input'], now: now() })).toBe(2)
      expect(await requireBatch(db, tenantId, batchId)).toMatchObject({
        state: 'running',
        queued: 2,
        completedAt: null,
      })
      expect(await requireFile(db, tenantId, ids[0] ?? '')).toMatchObject({
        attempt: 2,
        seq: -1,
        errorCode: null,
      })
      const retryDone = { tenantId, fileId: ids[2] ?? '', now: now() }
      await expect(retryFiles(db, retryDone)).rejects.toMatchObject({ code: 'not_failed' })
    })

    test('deleting a file takes it out of the totals and leaves its objects to be deleted', async () => {
      const { batchId, ids } = await queuedBatch(2)
      await settle(batchId, ids, 'completed')
      await deleteFile(db, { tenantId, fileId: ids[0] ?? '', now: now() })
      expect(await requireBatch(db, tenantId, batchId)).toMatchObject({
        completed: 1,
        bytesIn: 100,
        bytesOut: 40,
      })
      const keys = await dueObjectDeletions(db, 1000)
      expect(keys).toEqual(expect.arrayContaining([`in/default/${ids[0]}`, `out/default/${ids[0]}/h`]))
      await expect(requireFile(db, tenantId, ids[0] ?? '')).rejects.toMatchObject({ code: 'file_not_found' })
    })

    test('deleting a batch erases files, tasks and events', async () => {
      const { batchId, ids } = await queuedBatch(2)
      await deleteBatch(db, { tenantId, batchId })
      await expect(requireBatch(db, tenantId, batchId)).rejects.toMatchObject({ code: 'batch_not_found' })
      expect(await eventsOf(batchId)).toEqual([])
      expect(await dueObjectDeletions(db, 1000)).toEqual(
        expect.arrayContaining(ids.map((id) => `in/default/${id}`)),
      )
    })

    test('files counts by state come from the batches', async () => {
      const before = new Map((await countFilesByState(db)).map((c) => [c.state, c.count]))
      await queuedBatch(3)
      const after = new Map((await countFilesByState(db)).map((c) => [c.state, c.count]))
      expect((after.get('queued') ?? 0) - (before.get('queued') ?? 0)).toBe(3)
    })

    test('uploads that never came fail when their URL has expired', async () => {
      const batchId = await newBatch([
        newFile({ uploadExpiresAt: later(-1000) }),
        newFile({ uploadExpiresAt: later(1e6) }),
      ])
      expect(await expireUploads(db, { now: now(), limit: 10 })).toBe(1)
      expect(await requireBatch(db, tenantId, batchId)).toMatchObject({ failed: 1, pending: 1 })
    })

    describe('releasing', () => {
      const lease = { jobUid, limit: 100, costBudget: 1e9, leasedUntil: later(30_000) }

      async function drain() {
        await db.execute(sql`update tasks set state = 'done'`)
      }

      async function task(overrides: { tenant?: string; priority?: number; cost?: number }) {
        const { batchId, ids } = await queuedBatch(1)
        await db.execute(sql`update tasks set tenant_id = ${overrides.tenant ?? 'default'},
          priority = ${overrides.priority ?? 0}, cost = ${overrides.cost ?? 10} where batch_id = ${batchId}`)
        return ids[0] ?? ''
      }

      test('a leased task is not leased again before its lease ends', async () => {
        await drain()
        const id = await task({})
        expect((await leaseTasks(db, { ...lease, now: later(5) })).map((t) => t.id)).toEqual([id])
        expect(await leaseTasks(db, { ...lease, now: later(5) })).toEqual([])
        expect((await leaseTasks(db, { ...lease, now: later(31_000) })).map((t) => t.id)).toEqual([id])
      })

      test('what is released counts as open until it is done, and can be released again', async () => {
        await drain()
        await task({ cost: 30 })
        const [leased] = await leaseTasks(db, { ...lease, now: later(5) })
        await markReleased(db, [{ id: leased?.id ?? '', attempt: 1, partition: 2 }], now())
        expect(await openWork(db, jobUid)).toEqual([{ partition: 2, tasks: 1, cost: 30 }])
        expect(await releaseAgain(db, { jobUid, releasedBefore: later(1000), now: now() })).toBe(1)
        expect(await openWork(db, jobUid)).toEqual([])
        expect(await leaseTasks(db, { ...lease, now: later(5) })).toHaveLength(1)
      })

      test('a task that ended while it was being published is not marked released', async () => {
        await drain()
        const id = await task({})
        await leaseTasks(db, { ...lease, now: later(5) })
        await cancelFile(db, { tenantId, fileId: id, now: now() })
        await markReleased(db, [{ id, attempt: 1, partition: 0 }], now())
        expect(await openWork(db, jobUid)).toEqual([])
      })

      test('tenants take turns by cost, whoever came first', async () => {
        await drain()
        for (let i = 0; i < 4; i++) await task({ tenant: 'flood', cost: 10 })
        const small = await task({ tenant: 'small', cost: 10 })
        const taken = await leaseTasks(db, { ...lease, limit: 2, now: later(5) })
        expect(taken.map((t) => t.tenant_id).sort()).toEqual(['flood', 'small'])
        expect(taken.map((t) => t.id)).toContain(small)
      })

      test('a higher priority goes first', async () => {
        await drain()
        await task({})
        const urgent = await task({ priority: 5 })
        const taken = await leaseTasks(db, { ...lease, limit: 1, now: later(5) })
        expect(taken.map((t) => t.id)).toEqual([urgent])
      })

      test('the budget of cost bounds a lease, but one task is always taken', async () => {
        await drain()
        for (let i = 0; i < 3; i++) await task({ cost: 100 })
        expect(await leaseTasks(db, { ...lease, costBudget: 1, now: later(5) })).toHaveLength(1)
        expect(await leaseTasks(db, { ...lease, costBudget: 150, now: later(5) })).toHaveLength(2)
      })
    })

    test('upkeep changes nothing anybody sees', async () => {
      const { batchId, ids } = await queuedBatch(2)
      await settle(batchId, ids, 'completed')
      const before = await requireBatch(db, tenantId, batchId)
      await store.maintain()
      expect(await requireBatch(db, tenantId, batchId)).toEqual(before)
    })

    test('listeners hear of tasks and of the batches that have events', async () => {
      const heard: string[] = []
      const { promise: tasked, resolve: onTask } = Promise.withResolvers<void>()
      const stopTasks = await store.listen('tasks', () => onTask())
      const stopEvents = await store.listen('events', (payload) => heard.push(payload))
      const { batchId } = await queuedBatch(1)
      await tasked
      await expect.poll(() => heard).toContain(batchId)
      await stopTasks()
      await stopEvents()
      const count = heard.length
      await queuedBatch(1)
      expect(heard).toHaveLength(count)
    })
  })
}
