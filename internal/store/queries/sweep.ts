import { and, asc, eq, inArray, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { queryRows } from '../rows.ts'
import { batches, type FileState, files, idempotencyKeys, objectDeletions } from '../schema.ts'
import type { Database } from '../store.ts'
import { changeFiles } from './change-files.ts'

const countSchema = z.object({ count: z.coerce.number() })

/** Puts a job's released tasks back to be released again: for tasks whose records are known to be gone. Returns how many. */
export async function releaseAgain(
  db: Database,
  { jobUid, releasedBefore, now }: { jobUid: string; releasedBefore: Date; now: Date },
): Promise<number> {
  const [row] = await queryRows(
    db,
    countSchema,
    sql`with again as (
        update tasks set state = 'waiting', publish_at = ${now.toISOString()}::timestamptz, released_at = null,
          released_partition = null
        where state = 'released' and job_uid = ${jobUid} and released_at < ${releasedBefore.toISOString()}::timestamptz
        returning 1
      ), notified as (select pg_notify('tasks', '') where exists (select 1 from again))
      select (select count(*) from again) as count, (select count(*) from notified) as notified`,
  )
  return row?.count ?? 0
}

/** Fails up to `limit` pending files whose upload URL has expired. Returns how many. */
export async function expireUploads(
  db: Database,
  { now, limit }: { now: Date; limit: number },
): Promise<number> {
  const due = await db
    .select({ id: files.id, batchId: files.batchId })
    .from(files)
    .where(and(eq(files.state, 'pending'), lt(files.uploadExpiresAt, now)))
    .limit(limit)
  if (due.length === 0) return 0
  const error = {
    code: 'upload_expired' as const,
    message: 'the file was not uploaded before its URL expired',
  }
  const scope = { batchIds: due.map((f) => f.batchId), ids: due.map((f) => f.id), now }
  const changes = await db.transaction((tx) =>
    changeFiles(tx, scope, (rows) =>
      rows
        .filter((f) => f.state === 'pending')
        .map((before) => ({
          before,
          after: {
            ...before,
            state: 'failed' as const,
            errorCode: error.code,
            errorMessage: error.message,
            finishedAt: now,
          },
          task: 'unchanged' as const,
          event: {
            type: 'file.failed' as const,
            data: { name: before.name, state: 'failed' as const, attempt: before.attempt, error },
          },
        })),
    ),
  )
  return changes.length
}

/** Ids of batches past their retention, oldest first. */
export async function expiredBatches(
  db: Database,
  { now, limit }: { now: Date; limit: number },
): Promise<{ id: string; tenantId: string }[]> {
  return db
    .select({ id: batches.id, tenantId: batches.tenantId })
    .from(batches)
    .where(lt(batches.expiresAt, now))
    .orderBy(asc(batches.expiresAt))
    .limit(limit)
}

/** Forgets idempotency keys older than this. */
export async function forgetIdempotencyKeys(db: Database, before: Date): Promise<void> {
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, before))
}

/** Keys of objects that must be deleted, at most `limit`. */
export async function dueObjectDeletions(db: Database, limit: number): Promise<string[]> {
  const rows = await db.select({ key: objectDeletions.key }).from(objectDeletions).limit(limit)
  return rows.map((row) => row.key)
}

/** Forgets keys whose objects have been deleted. */
export async function forgetObjectDeletions(db: Database, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await db.delete(objectDeletions).where(inArray(objectDeletions.key, [...keys]))
}

/** The states of those of these files that have rows. */
export async function statesOfFiles(db: Database, ids: readonly string[]): Promise<Map<string, FileState>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: files.id, state: files.state })
    .from(files)
    .where(inArray(files.id, [...ids]))
  return new Map(rows.map((row) => [row.id, row.state]))
}
