import { desc, eq, lt } from 'drizzle-orm'
import { cancellations } from '../schema.ts'
import type { Database } from '../store.ts'

/** Work nobody wants any more: one file, or everything of a batch. */
export interface Cancellation {
  jobUid: string
  batchId: string
  fileId?: string
}

/** Notes it for the workers, in the transaction that cancels or deletes. */
export async function noteCancellation(
  tx: Database,
  { jobUid, batchId, fileId }: Cancellation,
  now: Date,
): Promise<void> {
  await tx.insert(cancellations).values({ jobUid, batchId, fileId: fileId ?? null, createdAt: now })
}

/** The latest of a job, newest first. Older ones only cost work in vain: their results are dropped. */
export async function latestCancellations(
  db: Database,
  { jobUid, limit }: { jobUid: string; limit: number },
): Promise<{ batchId: string; fileId: string | null }[]> {
  return db
    .select({ batchId: cancellations.batchId, fileId: cancellations.fileId })
    .from(cancellations)
    .where(eq(cancellations.jobUid, jobUid))
    .orderBy(desc(cancellations.id))
    .limit(limit)
}

/** Forgets those older than this. */
export async function forgetCancellations(db: Database, before: Date): Promise<void> {
  await db.delete(cancellations).where(lt(cancellations.createdAt, before))
}
