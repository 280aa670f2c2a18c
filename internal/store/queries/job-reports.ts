import { eq } from 'drizzle-orm'
import { KompressorError } from '../../errors/index.ts'
import type { EstimateSummary } from '../../estimate/index.ts'
import { type Assignment, type JobTotals, type JobTrouble, settledReasons } from '../../messages/index.ts'
import { batches, type JobRow, jobs, plans } from '../schema.ts'
import type { Database } from '../store.ts'
import { readPlan } from './plan.ts'
import { readTallies } from './tallies.ts'

/** What the planner and the report writer of a finite job need to know. Throws job_not_found, also for other jobs. */
export async function readAssignment(db: Database, jobUid: string): Promise<Assignment> {
  const { job, batch } = await requireFiniteJob(db, jobUid)
  const { uid, namespace, name, source, output, reads } = job
  if (source === null || output === null) throw noJob(jobUid)
  const createdAt = job.createdAt.toISOString()
  return { uid, namespace, name, createdAt, source, output, options: batch.options, reads }
}

/** What a finite job came to so far. Throws job_not_found. */
export async function readJobTotals(db: Database, jobUid: string): Promise<JobTotals> {
  const { batch } = await requireFiniteJob(db, jobUid)
  const { foundFiles: found, leftOut } = await readPlan(db, jobUid)
  const { completed, failed, cancelled } = batch
  const reasons = await readTallies(db, batch.id, 'reason')
  return {
    files: { found, completed, failed, cancelled },
    leftOut,
    settledWhileListing: reasons
      .filter(({ name }) => settledReasons.has(name))
      .map(({ name, files }) => ({ reason: name, files })),
  }
}

/** Notes what keeps the job's planner or report writer from going on; the next page takes it back. */
export async function noteTrouble(db: Database, jobUid: string, trouble: JobTrouble): Promise<void> {
  await change(db, jobUid, { trouble })
}

/** Notes where the report of the job is: it is written. */
export async function noteReport(db: Database, jobUid: string, reportKey: string): Promise<void> {
  await change(db, jobUid, { reportKey, trouble: null })
}

/** Notes what a job of mode Estimate found. */
export async function noteEstimate(db: Database, jobUid: string, estimate: EstimateSummary): Promise<void> {
  await change(db, jobUid, { estimate, trouble: null })
}

async function change(db: Database, jobUid: string, set: Partial<JobRow>): Promise<void> {
  const changed = await db.update(jobs).set(set).where(eq(jobs.uid, jobUid)).returning({ uid: jobs.uid })
  if (changed.length === 0) throw noJob(jobUid)
}

async function requireFiniteJob(db: Database, jobUid: string) {
  const [row] = await db
    .select({ job: jobs, batch: batches })
    .from(jobs)
    .innerJoin(plans, eq(plans.jobUid, jobs.uid))
    .innerJoin(batches, eq(batches.id, plans.batchId))
    .where(eq(jobs.uid, jobUid))
  if (row === undefined || row.job.state === 'deleting') throw noJob(jobUid)
  return row
}

function noJob(jobUid: string): KompressorError {
  return new KompressorError('job_not_found', `there is no job ${jobUid} that ends, or it is being deleted`)
}
