import { and, eq, inArray, ne, sql } from 'drizzle-orm'
import { z } from 'zod'
import { KompressorError } from '../../errors/index.ts'
import { queryRows } from '../rows.ts'
import { batches, type FileState, fileStates, files, type JobRow, jobs } from '../schema.ts'
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

/** The ingest job of this name beside `default`, made when missing. Partitions only grow. */
export async function ensureIngestJob(
  db: Database,
  { name, partitions, maxAttempts }: { name: string; partitions: number; maxAttempts: number },
): Promise<JobRow> {
  await db
    .insert(jobs)
    .values({
      uid: name,
      name,
      kind: 'ingest',
      topic: `file-compression.${name}`,
      consumerGroup: `kompressor-workers.${name}`,
      partitions,
    })
    .onConflictDoNothing()
  return configureJob(db, name, { partitions, maxAttempts })
}

/**
 * The ingest job of this name, or of `namespace/name` when it is one of a cluster. Throws job_not_found, also for one
 * that is being deleted.
 */
export async function requireIngestJob(db: Database, name: string): Promise<JobRow> {
  const slash = name.indexOf('/')
  const own = { namespace: name.slice(0, Math.max(0, slash)), name: name.slice(slash + 1) }
  const [job] = await db
    .select()
    .from(jobs)
    .where(
      and(
        eq(jobs.namespace, own.namespace),
        eq(jobs.name, own.name),
        eq(jobs.kind, 'ingest'),
        ne(jobs.state, 'deleting'),
      ),
    )
  if (job === undefined)
    throw new KompressorError('job_not_found', `there is no job ${name} that takes files`)
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

const stateCountsSchema = z.record(z.enum(fileStates), z.coerce.number())

/** Files by state, from the counters of batches in one pass: a lone upload has a batch of its own. */
export async function countFilesByState(db: Database): Promise<Record<FileState, number>> {
  const sums = fileStates.map((state) => {
    const column = sql.identifier(state)
    return sql`coalesce(sum(${column}), 0) as ${column}`
  })
  const rows = await queryRows(db, stateCountsSchema, sql`select ${sql.join(sums, sql`, `)} from batches`)
  const [counts] = rows
  if (counts === undefined) throw new Error('an aggregate without a row')
  return counts
}
