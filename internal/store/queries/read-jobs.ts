import { eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { queryRows } from '../rows.ts'
import { fileStates, files, type JobRow, jobs } from '../schema.ts'
import type { Database } from '../store.ts'

/** Every job that is not going away. */
export async function listJobs(db: Database): Promise<JobRow[]> {
  return db
    .select()
    .from(jobs)
    .where(inArray(jobs.state, ['active', 'suspended']))
    .orderBy(jobs.uid)
}

/** A topic has grown. */
export async function setPartitions(db: Database, jobUid: string, partitions: number): Promise<void> {
  await db
    .update(jobs)
    .set({ partitions: sql`greatest(${jobs.partitions}, ${partitions})` })
    .where(eq(jobs.uid, jobUid))
}

/** Of these files, the ones whose work is unwanted: cancelled, or deleted. */
export async function unwantedFiles(db: Database, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db
    .select({ id: files.id, state: files.state })
    .from(files)
    .where(inArray(files.id, [...ids]))
  const wanted = new Set(rows.filter((row) => row.state !== 'cancelled').map((row) => row.id))
  return new Set(ids.filter((id) => !wanted.has(id)))
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
