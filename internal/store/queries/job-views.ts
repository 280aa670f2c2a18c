import { and, asc, desc, eq, gt, type SQL, sql } from 'drizzle-orm'
import { KompressorError } from '../../errors/index.ts'
import type { JobView } from '../../messages/index.ts'
import { asJson } from '../rows.ts'
import { type JobDecisionRow, type JobViewRow, jobDecisions, jobViews } from '../schema.ts'
import type { Database } from '../store.ts'

/** Decisions of a job that are kept, newest first: two hours of a job that is looked at all the time. */
const keptDecisions = 240
/** A decision that comes to the same is noted again after so long, milliseconds. */
const samplingMs = 30_000

export interface PublishedJob {
  uid: string
  namespace: string
  name: string
  observedAt: Date
  view: JobView
  /** What was decided at that moment; absent when nothing was. */
  decision?: Omit<JobDecisionRow, 'uid' | 'at'>
}

const path: SQL = sql`(${jobViews.namespace} || '/' || ${jobViews.name}) collate "C"`

/** Makes this what people see of the job. A job of the same name that is no more goes. */
export async function publishJob(
  db: Database,
  job: PublishedJob,
  { keep = keptDecisions }: { keep?: number } = {},
): Promise<void> {
  const { uid, namespace, name, observedAt, view, decision } = job
  await db.transaction(async (tx) => {
    await tx
      .delete(jobViews)
      .where(and(eq(jobViews.namespace, namespace), eq(jobViews.name, name), sql`${jobViews.uid} <> ${uid}`))
    const seen = { observedAt, view: asJson(view) }
    await tx
      .insert(jobViews)
      .values({ uid, namespace, name, ...seen })
      .onConflictDoUpdate({ target: jobViews.uid, set: seen })
    if (decision !== undefined) await noteDecision(tx, { uid, at: observedAt, ...decision }, keep)
  })
}

async function noteDecision(tx: Database, { terms, ...row }: JobDecisionRow, keep: number): Promise<void> {
  const [last] = await tx
    .select()
    .from(jobDecisions)
    .where(eq(jobDecisions.uid, row.uid))
    .orderBy(desc(jobDecisions.at))
    .limit(1)
  const same = last?.replicas === row.replicas && last.reason === row.reason && last.ready === row.ready
  if (same && row.at.getTime() - last.at.getTime() < samplingMs) return
  await tx
    .insert(jobDecisions)
    .values({ ...row, terms: asJson(terms) })
    .onConflictDoNothing()
  await tx.execute(sql`delete from job_decisions where uid = ${row.uid} and at < (
    select at from job_decisions where uid = ${row.uid} order by at desc offset ${keep - 1} limit 1)`)
}

/** Forgets every job but these, which are all there are, or all there are in one namespace. */
export async function forgetOtherJobs(
  db: Database,
  { uids, namespace }: { uids: readonly string[]; namespace?: string | undefined },
): Promise<void> {
  await db
    .delete(jobViews)
    .where(
      and(
        namespace === undefined ? undefined : eq(jobViews.namespace, namespace),
        sql`${jobViews.uid} not in (select json_array_elements_text(${asJson(uids)}))`,
      ),
    )
}

export interface ListJobViews {
  tenantId: string
  namespace?: string
  /** Part of `namespace/name`, in any case. */
  search?: string
  /** Continue behind this `namespace/name`. */
  after?: string
  limit: number
}

/** Jobs in the order of their `namespace/name`. */
export async function listJobViews(db: Database, query: ListJobViews): Promise<JobViewRow[]> {
  const { tenantId, namespace, search, after, limit } = query
  return db
    .select()
    .from(jobViews)
    .where(
      and(
        eq(jobViews.tenantId, tenantId),
        namespace === undefined ? undefined : eq(jobViews.namespace, namespace),
        search === undefined ? undefined : sql`position(lower(${search}) in lower(${path})) > 0`,
        after === undefined ? undefined : gt(path, after),
      ),
    )
    .orderBy(asc(path))
    .limit(limit)
}

/** One job and its last decisions, newest first. Throws job_not_found. */
export async function requireJobView(
  db: Database,
  { tenantId, namespace, name }: { tenantId: string; namespace: string; name: string },
): Promise<{ job: JobViewRow; decisions: JobDecisionRow[] }> {
  const [job] = await db
    .select()
    .from(jobViews)
    .where(and(eq(jobViews.tenantId, tenantId), eq(path, `${namespace}/${name}`)))
  if (job === undefined) {
    throw new KompressorError('job_not_found', `there is no CompressionJob ${namespace}/${name}`)
  }
  const decisions = await db
    .select()
    .from(jobDecisions)
    .where(eq(jobDecisions.uid, job.uid))
    .orderBy(desc(jobDecisions.at))
    .limit(keptDecisions)
  return { job, decisions }
}
