import { and, asc, eq, gt } from 'drizzle-orm'
import { type EventRow, events } from '../schema.ts'
import type { Database } from '../store.ts'

/**
 * The next events of a batch behind a position, in order. The sequence is given out under the lock of the batch's row, so
 * what is read here has no gap that is filled later.
 */
export async function eventsSince(
  db: Database,
  { batchId, after, limit }: { batchId: string; after: number; limit: number },
): Promise<EventRow[]> {
  return db
    .select()
    .from(events)
    .where(and(eq(events.batchId, batchId), gt(events.seq, after)))
    .orderBy(asc(events.seq))
    .limit(limit)
}
