import { eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { KompressorError } from '../../errors/index.ts'
import { queryRows } from '../rows.ts'
import { batches, fileStates, files, type JobRow, jobs } from '../schema.ts'
import type { Database } from '../store.ts'

/** Every job that is not going away. */
export async function listJobs(db: Database): Promise<JobRow[]> {
  return db
    .select()
    .from(jobs)
    .where(inArray(jobs.state, ['active', 'suspended']))
    .orderBy(jobs.uid)
}

/** Changes a job's limits. Partitions only grow. */
export async function configureJob(
  db: Database,
  jobUid: string,
  limits: { partitions: number; maxAttempts: number },
): Promise<JobRow> {
  const [job] = await db
    .update(jobs)
    .set({
      partitions: sql`greatest(${jobs.partitions}, ${limits.partitions})`,
      maxAttempts: limits.maxAttempts,
    })
    .where(eq(jobs.uid, jobUid))
    .returning()
  if (job === undefined) throw new KompressorError('internal', `there is no job ${jobUid}`)
  return job
}

/** Whether nobody wants a file any more, or without one everything of a batch: cancelled, or deleted. */
export async function isUnwanted(
  db: Database,
  { batchId, fileId }: { batchId: string; fileId?: string },
): Promise<boolean> {
  const found =
    fileId === undefined
      ? await db.select({ state: batches.state }).from(batches).where(eq(batches.id, batchId))
      : await db.select({ state: files.state }).from(files).where(eq(files.id, fileId))
  const [row] = found
  return row === undefined || row.state === 'cancelled'
}

const stateCountSchema = z.object({ state: z.enum(fileStates), count: z.coerce.number() })

/** Files by state, summed over the counters of batches: cheap at any number of files. */
export async function countFilesByState(db: Database) {
  return queryRows(
    db,
    stateCountSchema,
    sql`select s.state, sum(s.count) as count from batches, lateral (values
        ('pending', pending), ('queued', queued), ('processing', processing), ('completed', completed),
        ('failed', failed), ('cancelled', cancelled)) as s (state, count)
      group by s.state`,
  )
}
