import { Readable } from 'node:stream'
import { sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, job, lagOf, tenantId, useParts } from '../../test/support/parts.ts'
import { defaultOptions } from '../codec/index.ts'
import { KompressorError } from '../errors/index.ts'
import { reportTopic } from '../messages/index.ts'
import {
  cancelFile,
  createBatch,
  deleteFile,
  dueObjectDeletions,
  leaseTasks,
  markReleased,
  openWork,
  requireBatch,
} from '../store/index.ts'
import { projectorGroup, type SweeperOptions, startSweeper } from './index.ts'

const parts = useParts()
const uuid = () => uuidv7()
const hour = 3_600_000
const day = 24 * hour
let sweepers: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const sweeper of sweepers) await sweeper.stop()
  sweepers = []
})

/** A sweeper that sweeps when it is told to; its own first round is over when this resolves. */
async function sweeper(options: Partial<SweeperOptions> = {}) {
  const { store, broker, objects, deps } = parts
  let rounds = 0
  const maintain = () => {
    rounds++
    return store.maintain()
  }
  const started = startSweeper({
    ...deps,
    store: { ...store, maintain },
    broker,
    objects,
    intervalMs: 600_000,
    ...options,
  })
  sweepers.push(started)
  await eventually(() => rounds).toBe(1)
  await started.sweep()
  return started.sweep
}

const put = (key: string) => parts.objects.put(key, Readable.from([Buffer.from(key)]))
const released = async () =>
  (await openWork(parts.store.db, job.uid)).reduce((sum, open) => sum + open.tasks, 0)

/** As the relay does it, with a record or without one. */
async function release(...ids: string[]) {
  const now = parts.now()
  const leasedUntil = new Date(now.getTime() + 30_000)
  await leaseTasks(parts.store.db, { jobUid: job.uid, limit: 10, costBudget: 1e9, now, leasedUntil })
  await markReleased(
    parts.store.db,
    ids.map((id) => ({ id, attempt: 1, partition: 0 })),
    now,
  )
}

/** Takes everything off a topic. */
async function consume(group: string, topic: string) {
  const { broker } = parts
  const consumer = await broker.consumeBatches({
    topic,
    group,
    maxBatch: 100,
    handle: async () => undefined,
    onCrash: (error) => expect.unreachable(String(error)),
  })
  await eventually(() => lagOf(broker, group, topic)).toBe(0)
  await consumer.stop()
}

describe('the sweeper', () => {
  test('releases a lost task again when both lags have been zero for long enough, and not before', async () => {
    const sweep = await sweeper({ quietMs: 60_000 })
    await parts.queue('a')
    await release('a')
    const { broker } = parts
    await broker.produce(job.topic, [{ value: 'waiting for a worker' }])
    await broker.produce(reportTopic, [{ value: 'waiting for the projector' }])
    const pass = async () => {
      parts.advance(61_000)
      await sweep()
      return released()
    }
    expect([await pass(), await pass()]).toEqual([1, 1])
    await consume(job.group, job.topic)
    expect([await pass(), await pass()]).toEqual([1, 1])
    await consume(projectorGroup, reportTopic)
    // Quiet from here on: the first look starts the clock.
    expect(await pass()).toBe(1)
    expect(await pass()).toBe(0)
    const [task] = await parts.store.db.query.tasks.findMany()
    expect(task).toMatchObject({ state: 'waiting', attempt: 1, publishAt: parts.now() })
  })

  test('does not take a task for lost that was released during the quiet', async () => {
    const sweep = await sweeper({ quietMs: 60_000 })
    await parts.queue('a')
    await release('a')
    parts.advance(1_000)
    await sweep()
    parts.advance(59_000)
    await parts.queue('b')
    await release('b')
    parts.advance(1_001)
    await sweep()
    const tasks = await parts.store.db.query.tasks.findMany()
    expect(Object.fromEntries(tasks.map((t) => [t.id, t.state]))).toEqual({ a: 'waiting', b: 'released' })
  })

  test('fails uploads that have not come when their URL expires', async () => {
    const sweep = await sweeper()
    const now = parts.now().getTime()
    const pending = (id: string, expires: number) => ({
      id,
      name: id,
      tags: {},
      uploadKey: `in/${tenantId}/${id}`,
      uploadExpiresAt: new Date(now + expires),
    })
    await createBatch(parts.store.db, {
      id: 'batch',
      tenantId,
      jobUid: job.uid,
      options: defaultOptions,
      tags: {},
      expiresAt: new Date(now + 30 * day),
      files: [pending('early', hour), pending('late', 2 * hour)],
    })
    parts.advance(hour + 1)
    await sweep()
    expect(await parts.file('early')).toMatchObject({ state: 'failed', errorCode: 'upload_expired' })
    expect((await parts.file('late')).state).toBe('pending')
    expect(await requireBatch(parts.store.db, tenantId, 'batch')).toMatchObject({ failed: 1, pending: 1 })
  })

  test('erases a batch past its retention with its objects, and no other', async () => {
    const sweep = await sweeper()
    const expiresAt = (ms: number) => ({ expiresAt: new Date(parts.now().getTime() + ms) })
    const old = await parts.submit(Buffer.from('old'), expiresAt(hour))
    const young = await parts.submit(Buffer.from('young'), expiresAt(2 * hour))
    parts.advance(hour + 1)
    await sweep()
    await expect(parts.file(old.id)).rejects.toMatchObject({ code: 'file_not_found' })
    expect((await parts.file(young.id)).state).toBe('queued')
    expect(await parts.keys()).toEqual([young.uploadKey])
    expect(await dueObjectDeletions(parts.store.db, 10)).toEqual([])
  })

  test('deletes the bytes of deleted files', async () => {
    const sweep = await sweeper()
    const file = await parts.submit(Buffer.from('bytes'))
    await deleteFile(parts.store.db, { tenantId, fileId: file.id, now: parts.now() })
    expect(await parts.keys()).toEqual([file.uploadKey])
    await sweep()
    expect(await parts.keys()).toEqual([])
    expect(await dueObjectDeletions(parts.store.db, 10)).toEqual([])
  })

  test('deletes old objects nobody refers to, and never young ones, those of a file or what others keep there', async () => {
    const sweep = await sweeper({ orphanAgeMs: day })
    const file = await parts.submit(Buffer.from('mine'), {
      expiresAt: new Date(parts.now().getTime() + 9 * day),
    })
    const kept = [
      `out/${tenantId}/${file.id}/hash`,
      'elsewhere',
      'in/2024/photo.jpg',
      'out/2024/03/photo.jpg',
    ]
    const [orphan, young] = [uuid(), uuid()]
    for (const key of [...kept, `in/default/${orphan}`, `out/default/${orphan}/hash`]) await put(key)
    parts.advance(day + 1)
    const fresh = [`in/default/${young}`, `out/default/${young}/hash`]
    for (const key of fresh) await put(key)
    await sweep()
    expect(await parts.keys()).toEqual([...kept, ...fresh, file.uploadKey].sort())
  })

  test('ends uploads in parts whose files do not wait for them, and those without a file once they are old', async () => {
    const sweep = await sweeper({ orphanAgeMs: day })
    const { objects, store } = parts
    const ids = ['waiting', 'cancelled', 'deleted'].map(uuid)
    const [, cancelledId = '', deletedId = ''] = ids
    await createBatch(store.db, {
      id: 'batch',
      tenantId,
      jobUid: job.uid,
      options: defaultOptions,
      tags: {},
      expiresAt: new Date(parts.now().getTime() + 30 * day),
      files: ids.map((id) => ({
        id,
        name: id,
        tags: {},
        uploadKey: `in/${tenantId}/${id}`,
        uploadExpiresAt: new Date(parts.now().getTime() + 9 * day),
      })),
    })
    const keys = [...ids, uuid()].map((id) => `in/${tenantId}/${id}`)
    const output = `out/default/${cancelledId}/hash`
    const others = ['elsewhere', 'in/2024/photo.jpg']
    for (const key of [...keys, output, ...others]) await objects.createUpload(key)
    const open = async () => (await Array.fromAsync(objects.listUploads())).map(({ key }) => key).toSorted()
    await cancelFile(store.db, { tenantId, fileId: cancelledId, now: parts.now() })
    await deleteFile(store.db, { tenantId, fileId: deletedId, now: parts.now() })
    parts.advance(61_000)
    await sweep()
    const [waiting, , , streamed] = keys
    expect(await open()).toEqual([...others, streamed, waiting, output].sort())
    parts.advance(day)
    await sweep()
    expect(await open()).toEqual([...others, waiting].sort())
  })

  test('goes through more orphans than one page holds', async () => {
    const sweep = await sweeper({ orphanAgeMs: day })
    for (let i = 0; i < 520; i++) await put(`in/default/${uuid()}`)
    const file = await parts.submit(Buffer.from('mine'), {
      expiresAt: new Date(parts.now().getTime() + 9 * day),
    })
    parts.advance(day + 1)
    await sweep()
    expect(await parts.keys('in/')).toEqual([file.uploadKey])
  })

  test('does the rest while the broker is away, and tells that it was', async () => {
    let away = false
    const { broker } = parts
    const orAway = async <T>(ask: () => Promise<T>): Promise<T> => {
      if (away) throw new KompressorError('broker_unavailable', 'away')
      return ask()
    }
    const flaky: typeof broker = {
      ...broker,
      lag: (...args) => orAway(() => broker.lag(...args)),
      deleteCommitted: (...args) => orAway(() => broker.deleteCommitted(...args)),
    }
    const sweep = await sweeper({ broker: flaky, orphanAgeMs: day })
    await parts.queue('a')
    await release('a')
    const file = await parts.submit(Buffer.from('bytes'))
    await deleteFile(parts.store.db, { tenantId, fileId: file.id, now: parts.now() })
    const orphan = `in/default/${uuid()}`
    await put(orphan)
    away = true
    parts.advance(day + 1)
    await expect(sweep()).rejects.toThrow()
    const keys = await parts.keys()
    expect(keys).not.toContain(file.uploadKey)
    expect(keys).not.toContain(orphan)
  })

  test('does not go through everything when it is stopped', async () => {
    const sweep = await sweeper()
    const file = await parts.submit(Buffer.from('bytes'))
    await deleteFile(parts.store.db, { tenantId, fileId: file.id, now: parts.now() })
    await sweep(AbortSignal.abort())
    expect(await parts.keys()).toEqual([file.uploadKey])
  })

  test('forgets idempotency keys after their time', async () => {
    const sweep = await sweeper({ idempotencyRetentionMs: day })
    await parts.store.db.execute(sql`
      insert into idempotency_keys (tenant_id, key, fingerprint, created_at)
      values ('default', 'k', 'f', ${parts.now().toISOString()}::timestamptz)`)
    const remembered = async () => (await parts.store.db.query.idempotencyKeys.findMany()).length
    parts.advance(day - 1)
    await sweep()
    expect(await remembered()).toBe(1)
    parts.advance(2)
    await sweep()
    expect(await remembered()).toBe(0)
  })
})
