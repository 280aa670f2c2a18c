import { isDeepStrictEqual } from 'node:util'
import { and, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type JobLimits, jobTroubleSchema } from '../../messages/index.ts'
import { queryRows } from '../rows.ts'
import { batches, type Intake, type JobRow, jobs } from '../schema.ts'
import type { Database } from '../store.ts'

/** An ingest job as a cluster describes it. */
export interface ClusterJob {
  uid: string
  namespace: string
  name: string
  topic: string
  consumerGroup: string
  partitions: number
  maxAttempts: number
  initialBackoffMs: number
  maxBackoffMs: number
  suspended: boolean
  /** The share of one of its pods. */
  limits?: JobLimits | undefined
  intake?: Intake
}

/**
 * Makes the job, or changes what may change about it. Partitions only grow; a job that is being deleted stays so. A job
 * that is as it should be is only read: the operator asks for it again and again.
 */
export async function upsertClusterJob(db: Database, job: ClusterJob): Promise<JobRow> {
  const [found] = await db.select().from(jobs).where(eq(jobs.uid, job.uid))
  return found !== undefined && isAsWanted(found, job) ? found : writeClusterJob(db, job)
}

function isAsWanted(found: JobRow, job: ClusterJob): boolean {
  return (
    found.partitions >= job.partitions &&
    found.maxAttempts === job.maxAttempts &&
    found.initialBackoffMs === job.initialBackoffMs &&
    found.maxBackoffMs === job.maxBackoffMs &&
    isDeepStrictEqual(found.intake, asStored(job.intake)) &&
    isDeepStrictEqual(found.limits, asStored(job.limits)) &&
    (found.state === 'deleting' || found.state === (job.suspended ? 'suspended' : 'active'))
  )
}

/** As it comes back: without the fields that are undefined. */
function asStored(value: object | undefined): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}

async function writeClusterJob(db: Database, job: ClusterJob): Promise<JobRow> {
  const { suspended, limits = null, ...row } = job
  const state = suspended ? 'suspended' : 'active'
  const [stored] = await db
    .insert(jobs)
    .values({ ...row, limits, kind: 'ingest', state })
    .onConflictDoUpdate({
      target: jobs.uid,
      set: { ...changeableColumns(job), intake: job.intake ?? null },
    })
    .returning()
  if (stored === undefined) throw new Error(`job ${job.uid} was not written`)
  return stored
}

/** What may change about a job of a cluster. One that is being deleted or has ended stays so. */
export function changeableColumns({
  suspended,
  partitions,
  maxAttempts,
  initialBackoffMs,
  maxBackoffMs,
  limits,
}: Pick<
  ClusterJob,
  'suspended' | 'partitions' | 'maxAttempts' | 'initialBackoffMs' | 'maxBackoffMs' | 'limits'
>) {
  const state = suspended ? 'suspended' : 'active'
  return {
    partitions: sql`greatest(${jobs.partitions}, ${partitions})`,
    maxAttempts,
    initialBackoffMs,
    maxBackoffMs,
    limits: limits ?? null,
    state: sql`case when ${jobs.state} in ('deleting', 'finished') then ${jobs.state} else ${state} end`,
  }
}

/**
 * Nothing is released of it and nothing accepted for it any more; what kept its planner from going on is no trouble any more.
 * Repeatable. Says whether there is such a job.
 */
export async function beginJobDeletion(db: Database, uid: string): Promise<boolean> {
  const changed = await db
    .update(jobs)
    .set({ state: 'deleting', trouble: sql`case when ${jobs.state} = 'deleting' then ${jobs.trouble} end` })
    .where(eq(jobs.uid, uid))
    .returning()
  return changed.length > 0
}

/** Batches of the job that have not ended. */
export async function unendedBatches(db: Database, uid: string): Promise<{ id: string; tenantId: string }[]> {
  return db
    .select({ id: batches.id, tenantId: batches.tenantId })
    .from(batches)
    .where(and(eq(batches.jobUid, uid), inArray(batches.state, ['open', 'running'])))
}

/**
 * Frees the name for another job. The row goes as well unless batches refer to it; those stay readable for as long as
 * they are retained.
 */
export async function endJobDeletion(db: Database, uid: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx
      .update(jobs)
      .set({ name: sql`${jobs.name} || '#' || ${jobs.uid}` })
      .where(and(eq(jobs.uid, uid), sql`position('#' in ${jobs.name}) = 0`))
    await tx
      .delete(jobs)
      .where(and(eq(jobs.uid, uid), sql`not exists (select 1 from batches b where b.job_uid = ${uid})`))
  })
}

/** A pod of the job says that its share of the limits holds it back. Written at most every few seconds, however many say so. */
export async function noteLimited(db: Database, uid: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - limitedEveryMs)
  await db
    .update(jobs)
    .set({ limitedAt: now })
    .where(and(eq(jobs.uid, uid), or(isNull(jobs.limitedAt), lt(jobs.limitedAt, before))))
}

const limitedEveryMs = 2_000

const figuresSchema = z.object({
  jobUid: z.string(),
  queued: z.coerce.number(),
  processing: z.coerce.number(),
  completed: z.coerce.number(),
  failed: z.coerce.number(),
  bytesIn: z.coerce.number(),
  bytesOut: z.coerce.number(),
  waitingTasks: z.coerce.number(),
  waitingMs: z.coerce.number(),
  releasedTasks: z.coerce.number(),
  releasedMs: z.coerce.number(),
  p95Ms: z.coerce.number(),
  /** When a pod last said that limits hold it back, milliseconds since 1970. */
  limitedAtMs: z.coerce.number().nullable(),
  /** What a store refused its workers, for as long as that counts. */
  held: jobTroubleSchema.nullable(),
})

/** What is known of a job at one moment; milliseconds are predicted, of one slot. */
export type JobFigures = z.infer<typeof figuresSchema>

/** Counts and open work of these jobs, in one query. Due tasks only: what is backing off is nobody's work yet. */
export async function jobFigures(db: Database, uids: readonly string[], now: Date): Promise<JobFigures[]> {
  if (uids.length === 0) return []
  return queryRows(
    db,
    figuresSchema,
    sql`select j.uid as "jobUid", b.queued, b.processing, b.completed, b.failed, b."bytesIn", b."bytesOut",
        w.tasks as "waitingTasks", w.cost * j.cost_factor as "waitingMs",
        r.tasks as "releasedTasks", r.cost * j.cost_factor as "releasedMs",
        greatest(w.p95, r.p95) * j.cost_factor as "p95Ms",
        extract(epoch from j.limited_at) * 1000 as "limitedAtMs", j.held
      from jobs j,
        lateral (select coalesce(sum(queued), 0) as queued, coalesce(sum(processing), 0) as processing,
          coalesce(sum(completed), 0) as completed, coalesce(sum(failed), 0) as failed,
          coalesce(sum(bytes_in), 0) as "bytesIn", coalesce(sum(bytes_out), 0) as "bytesOut"
          from batches where job_uid = j.uid) b,
        lateral (select count(*) as tasks, coalesce(sum(cost), 0) as cost,
          coalesce(percentile_disc(0.95) within group (order by cost), 0) as p95
          from tasks where job_uid = j.uid and state = 'waiting'
            and publish_at <= ${now.toISOString()}::timestamptz) w,
        lateral (select count(*) as tasks, coalesce(sum(cost), 0) as cost,
          coalesce(percentile_disc(0.95) within group (order by cost), 0) as p95
          from tasks where job_uid = j.uid and state = 'released') r
      where j.uid in (${sql.join(
        uids.map((uid) => sql`${uid}`),
        sql`, `,
      )})`,
  )
}

const uidSchema = z.object({ uid: z.string() })

/** Active jobs that have something to do: released tasks, or tasks that are due. */
export async function jobsWithOpenWork(db: Database, now: Date): Promise<string[]> {
  const rows = await queryRows(
    db,
    uidSchema,
    sql`select uid from jobs j where state = 'active' and (
        exists (select 1 from tasks t where t.job_uid = j.uid and t.state = 'released')
        or exists (select 1 from tasks t where t.job_uid = j.uid and t.state = 'waiting'
          and t.publish_at <= ${now.toISOString()}::timestamptz))`,
  )
  return rows.map(({ uid }) => uid)
}
