import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defaultOptions } from '../../codec/index.ts'
import {
  beginJobDeletion,
  type ClusterJob,
  cancelBatch,
  createBatch,
  endJobDeletion,
  jobFigures,
  jobsWithOpenWork,
  leaseTasks,
  markReleased,
  queueFiles,
  unendedBatches,
  upsertClusterJob,
} from '../index.ts'
import { queryRows } from '../rows.ts'
import { type Fixture, later, now, tenantId } from './fixture.ts'

export function describeClusterJobs(fixture: () => Fixture): void {
  let counter = 0
  function job(given: Partial<ClusterJob> = {}): ClusterJob {
    counter += 1
    const uid = `uid-${counter}`
    return {
      uid,
      namespace: 'shop',
      name: `job-${counter}`,
      topic: `topic-${counter}`,
      consumerGroup: `group-${counter}`,
      partitions: 4,
      maxAttempts: 5,
      initialBackoffMs: 1000,
      maxBackoffMs: 300_000,
      suspended: false,
      ...given,
    }
  }

  async function queue(jobUid: string, costs: number[]) {
    const { store, newFile } = fixture()
    const files = costs.map(() => newFile())
    const batchId = `batch-of-${jobUid}`
    const batch = { id: batchId, tenantId, jobUid, options: defaultOptions, tags: {}, files }
    await createBatch(store.db, { ...batch, expiresAt: later(3_600_000) })
    const queued = files.map(({ id }, i) => ({ id, cost: costs[i] ?? 0 }))
    await queueFiles(store.db, { tenantId, batchId, files: queued, now: now() })
    return batchId
  }

  it('makes a job of the cluster, and changes what may change', async () => {
    const { db } = fixture().store
    const made = job()
    expect(await upsertClusterJob(db, made)).toMatchObject({ kind: 'ingest', state: 'active', partitions: 4 })
    const changed = { ...made, partitions: 2, maxAttempts: 9, suspended: true }
    expect(await upsertClusterJob(db, changed)).toMatchObject({
      state: 'suspended',
      partitions: 4,
      maxAttempts: 9,
    })
    const intake = {
      options: defaultOptions,
      profiles: { small: { ...defaultOptions, minSavingsPercent: 9 } },
    }
    expect((await upsertClusterJob(db, { ...changed, intake })).intake).toEqual(intake)
    expect((await upsertClusterJob(db, { ...changed, intake: { ...intake, profiles: {} } })).intake).toEqual({
      ...intake,
      profiles: {},
    })
    expect(await upsertClusterJob(db, { ...made, partitions: 8 })).toMatchObject({
      state: 'active',
      partitions: 8,
    })
  })

  it('writes a job only when something about it has changed', async () => {
    const { db } = fixture().store
    const made = job()
    await upsertClusterJob(db, made)
    const version = async () => {
      const query = sql`select xmin::text as version from jobs where uid = ${made.uid}`
      const [row] = await queryRows(db, z.object({ version: z.string() }), query)
      return row?.version
    }
    const first = await version()
    expect(await upsertClusterJob(db, made)).toMatchObject({ uid: made.uid, partitions: 4 })
    expect(await version()).toBe(first)
    await upsertClusterJob(db, { ...made, maxAttempts: 6 })
    expect(await version()).not.toBe(first)
  })

  it('does not revive a job that is being deleted', async () => {
    const { db } = fixture().store
    const made = job()
    await upsertClusterJob(db, made)
    expect(await beginJobDeletion(db, made.uid)).toBe(true)
    expect(await upsertClusterJob(db, made)).toMatchObject({ state: 'deleting' })
    expect(await beginJobDeletion(db, 'absent')).toBe(false)
  })

  it('frees the name of a deleted job, whether or not batches still refer to it', async () => {
    const { db } = fixture().store
    for (const withBatch of [false, true]) {
      const made = job()
      await upsertClusterJob(db, made)
      if (withBatch) {
        const id = await queue(made.uid, [10])
        expect(await unendedBatches(db, made.uid)).toEqual([{ id, tenantId }])
        await cancelBatch(db, { tenantId, batchId: id, now: now() })
        expect(await unendedBatches(db, made.uid)).toEqual([])
      }
      await beginJobDeletion(db, made.uid)
      await endJobDeletion(db, made.uid)
      await endJobDeletion(db, made.uid)
      const again = { ...job(), name: made.name }
      expect(await upsertClusterJob(db, again)).toMatchObject({ uid: again.uid, name: made.name })
    }
  })

  it('says what is open in a job: what waits, what is released, and how long it takes', async () => {
    const { db } = fixture().store
    const made = job()
    await upsertClusterJob(db, made)
    await queue(made.uid, [100, 200, 300, 400])
    expect(await jobFigures(db, [made.uid], now())).toMatchObject([
      {
        jobUid: made.uid,
        queued: 4,
        completed: 0,
        waitingTasks: 4,
        waitingMs: 1000,
        releasedTasks: 0,
        p95Ms: 400,
      },
    ])
    expect(await jobsWithOpenWork(db, now())).toContain(made.uid)
    const leased = await leaseTasks(db, {
      jobUid: made.uid,
      limit: 2,
      costBudget: 1000,
      now: now(),
      leasedUntil: later(60_000),
    })
    expect(leased).toHaveLength(2)
    await markReleased(
      db,
      leased.map(({ id, attempt }) => ({ id, attempt, partition: 0 })),
      now(),
    )
    const [figures] = await jobFigures(db, [made.uid], now())
    expect(figures).toMatchObject({ waitingTasks: 2, releasedTasks: 2 })
    expect((figures?.waitingMs ?? 0) + (figures?.releasedMs ?? 0)).toBe(1000)
    expect(await jobFigures(db, [], now())).toEqual([])
  })

  it('finds no open work in an idle or suspended job', async () => {
    const { db } = fixture().store
    const idle = job()
    const suspended = job({ suspended: true })
    for (const one of [idle, suspended]) await upsertClusterJob(db, one)
    await queue(suspended.uid, [10])
    const open = await jobsWithOpenWork(db, now())
    expect(open).not.toContain(idle.uid)
    expect(open).not.toContain(suspended.uid)
  })
}
