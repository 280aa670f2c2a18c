import { sql } from 'drizzle-orm'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, job, useParts } from '../../test/support/parts.ts'
import { leaseTasks, openWork } from '../store/index.ts'
import { type RelayOptions, startRelay } from './index.ts'

const parts = useParts()
let relays: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const relay of relays) await relay.stop()
  relays = []
})

async function relay(options: Partial<RelayOptions> = {}) {
  const { store, broker, deps } = parts
  const started = await startRelay({ ...deps, store, broker, wantedSlots: () => 1, ...options })
  relays.push(started)
  return started
}

const released = async (jobUid: string = job.uid) =>
  (await openWork(parts.store.db, jobUid)).reduce((sum, p) => sum + p.tasks, 0)
const inTopic = async () =>
  (await parts.records(job.topic)).map(({ value }) => String(JSON.parse(value).taskId)).sort()
const setState = (uid: string, state: string) =>
  parts.store.db.execute(sql`update jobs set state = ${state} where uid = ${uid}`)
const settle = (ids: string[]) =>
  parts.store.db.execute(sql`update tasks set state = 'done' where id in ${ids}`)

/** A second job, so that a test can see that the relay came by. */
async function addJob(uid: string, topic: string | undefined) {
  await parts.store.db.execute(sql`
    insert into jobs (uid, name, kind, topic, consumer_group, partitions)
    values (${uid}, ${uid}, 'ingest', ${`topic-${uid}`}, ${`group-${uid}`}, 1)`)
  if (topic !== undefined) await parts.broker.ensureTopic(topic, { partitions: 1 })
}

describe('the relay', () => {
  test('releases due tasks with all a worker needs', async () => {
    const file = await parts.queue('a', { name: 'a.jpg', size: 7, sha256: 'abc' })
    await relay()
    await eventually(() => released()).toBe(1)
    const [record] = await parts.records(job.topic)
    expect(record?.key).toBe('a')
    expect(record?.headers).toMatchObject({
      ce_id: 'a.1',
      ce_type: 'dev.kompressor.task.v1',
      ce_source: '/jobs/default',
      'content-type': 'application/json',
    })
    expect(JSON.parse(record?.value ?? '')).toMatchObject({
      taskId: 'a',
      attempt: 1,
      batchId: file.batchId,
      objects: [{ fileId: 'a', key: 'in/default/a', name: 'a.jpg', size: 7, sha256: 'abc' }],
    })
  })

  test('fills the window and no more, and goes on as work gets done', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await parts.queue(id, { cost: 60 })
    const first = await relay({ minTasks: 3, windowMs: 100 })
    await eventually(() => released()).toBe(3)
    await first.stop()
    expect(await inTopic()).toEqual(['a', 'b', 'c'])
    await settle(['a'])
    await relay({ minTasks: 3, windowMs: 100 })
    await eventually(inTopic).toEqual(['a', 'b', 'c', 'd'])
  })

  test('fills a window of cost beyond its least number of tasks', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await parts.queue(id, { cost: 60 })
    const first = await relay({ minTasks: 1, windowMs: 100, wantedSlots: () => 2 })
    // 60, 120, 180 lie below 200 and 240 goes beyond it.
    await eventually(() => released()).toBe(4)
    await first.stop()
    expect(await released()).toBe(4)
  })

  test('publishes again what a crash left between publication and mark, when its lease has ended', async () => {
    await parts.queue('a')
    const now = parts.now()
    const lease = { jobUid: job.uid, limit: 10, costBudget: 1e9, now }
    const leasedUntil = new Date(now.getTime() + 30_000)
    expect(await leaseTasks(parts.store.db, { ...lease, leasedUntil })).toHaveLength(1)
    await parts.broker.produce(job.topic, [{ key: 'a', value: JSON.stringify({ taskId: 'a' }) }])
    await parts.queue('b')
    await relay()
    await eventually(inTopic).toEqual(['a', 'b'])
    parts.advance(30_001)
    await parts.notifyTasks()
    await eventually(inTopic).toEqual(['a', 'a', 'b'])
    await eventually(() => released()).toBe(2)
  })

  test('releases nothing of a suspended job until it is active again', async () => {
    await addJob('other', 'topic-other')
    await setState(job.uid, 'suspended')
    await parts.queue('a')
    await parts.queue('b', { jobUid: 'other' })
    await relay()
    await eventually(() => released('other')).toBe(1)
    expect(await released()).toBe(0)
    await setState(job.uid, 'active')
    await parts.notifyTasks()
    await eventually(() => released()).toBe(1)
  })

  test('is woken by a new task and does not wait for its idle round', async () => {
    let rounds = 0
    const wantedSlots = () => {
      rounds++
      return 1
    }
    await relay({ wantedSlots })
    await eventually(() => rounds).toBeGreaterThan(0)
    await parts.queue('a')
    await expect.poll(() => released(), { timeout: 3_000 }).toBe(1)
  })

  test('holds a task back until its time has come', async () => {
    await parts.queue('a')
    const later = new Date(parts.now().getTime() + 3_600_000).toISOString()
    await parts.store.db.execute(sql`update tasks set publish_at = ${later}::timestamptz where id = 'a'`)
    await parts.queue('b')
    await relay()
    await eventually(inTopic).toEqual(['b'])
    parts.advance(3_600_000)
    await parts.notifyTasks()
    await eventually(inTopic).toEqual(['a', 'b'])
  })

  test('serves the other jobs when one has no topic, and says so', async () => {
    await addJob('broken', undefined)
    await parts.queue('a', { jobUid: 'broken' })
    await parts.queue('b')
    await relay()
    await eventually(inTopic).toEqual(['b'])
    await eventually(() => parts.logged.join()).toContain('releasing tasks failed')
  })
})
