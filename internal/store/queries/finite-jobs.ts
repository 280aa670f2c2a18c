import { and, eq, inArray, sql } from 'drizzle-orm'
import type { CompressionOptions } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { JobLimits, OutputRules, SourceRules } from '../../messages/index.ts'
import {
  type BatchRow,
  batches,
  type JobRow,
  jobs,
  type PlanRow,
  plans,
  type Tags,
  type TallyRow,
} from '../schema.ts'
import type { Database } from '../store.ts'
import { changeableColumns } from './operator-jobs.ts'
import { requireBatch } from './require-batch.ts'
import { readTallies } from './tallies.ts'

export interface NewFiniteJob {
  uid: string
  tenantId: string
  namespace: string
  name: string
  topic: string
  consumerGroup: string
  partitions: number
  maxAttempts: number
  initialBackoffMs: number
  maxBackoffMs: number
  source: SourceRules
  output: OutputRules
  /** For its planner, when that is another process. */
  reads?: unknown
  batch: { id: string; options: CompressionOptions; tags: Tags; expiresAt: Date }
}

/** Makes a job that reads a source once, its batch and its empty plan. Repeatable: one that exists is returned as it is. */
export async function createFiniteJob(
  db: Database,
  job: NewFiniteJob,
): Promise<{ job: JobRow; batch: BatchRow }> {
  return db.transaction(async (tx) => {
    const { batch, ...row } = job
    const { tenantId, uid: jobUid } = job
    await tx
      .insert(jobs)
      .values({ ...row, kind: 'finite' })
      .onConflictDoNothing({ target: jobs.uid })
    const [plan] = await tx.select().from(plans).where(eq(plans.jobUid, jobUid))
    if (plan === undefined) {
      await tx.insert(batches).values({ ...batch, tenantId, jobUid })
      await tx.insert(plans).values({ jobUid, batchId: batch.id })
    }
    const [stored] = await tx.select().from(jobs).where(eq(jobs.uid, jobUid))
    if (stored === undefined) throw new KompressorError('internal', 'the job was not inserted')
    return { job: stored, batch: await requireBatch(tx, tenantId, plan?.batchId ?? batch.id) }
  })
}

/** Makes a finite job of a cluster, or changes what may change about it. One that has ended stays so. */
export async function upsertFiniteJob(
  db: Database,
  { suspended, limits, ...job }: NewFiniteJob & { suspended: boolean; limits?: JobLimits | undefined },
): Promise<void> {
  await createFiniteJob(db, job)
  await db
    .update(jobs)
    .set(changeableColumns({ ...job, suspended, limits }))
    .where(eq(jobs.uid, job.uid))
}

export interface FiniteJob {
  job: JobRow
  batch: BatchRow
  plan: PlanRow
  tallies: TallyRow[]
}

/** A finite job as far as it is; undefined when it was never made. */
export async function readFiniteJob(db: Database, jobUid: string): Promise<FiniteJob | undefined> {
  const [row] = await db
    .select({ job: jobs, batch: batches, plan: plans })
    .from(jobs)
    .innerJoin(plans, eq(plans.jobUid, jobs.uid))
    .innerJoin(batches, eq(batches.id, plans.batchId))
    .where(eq(jobs.uid, jobUid))
  return row && { ...row, tallies: await readTallies(db, row.batch.id) }
}

/** Everything of the job is done and reported: nothing is released for it any more, and nobody asks for its topic. */
export async function endFiniteJob(db: Database, jobUid: string): Promise<void> {
  await db
    .update(jobs)
    .set({ state: 'finished' })
    .where(and(eq(jobs.uid, jobUid), inArray(jobs.state, ['active', 'suspended'])))
}

/** Forgets the batch of a finite job, whose outputs are its user's and stay. Nothing refers to the job after that. */
export async function forgetFiniteJob(db: Database, jobUid: string): Promise<void> {
  await db.transaction(async (tx) => {
    const [plan] = await tx.select().from(plans).where(eq(plans.jobUid, jobUid))
    if (plan === undefined) return
    // Tasks, events, tallies and the plan refer to it and go with it.
    await tx.delete(batches).where(eq(batches.id, plan.batchId))
    await tx.execute(sql`select pg_notify('events', ${plan.batchId})`)
  })
}
