import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { asJson } from '../rows.ts'
import { type BatchRow, type BatchState, batches, type Tags } from '../schema.ts'
import type { Database } from '../store.ts'

export interface ListBatches {
  tenantId: string
  state?: BatchState
  /** Only batches that carry all of these. */
  tags?: Tags
  /** Continue behind this id. */
  after?: string
  /** Rows at most. */
  limit: number
}

/** Batches, newest first. Those that exist only because a file was posted alone are left out. */
export async function listBatches(db: Database, query: ListBatches): Promise<BatchRow[]> {
  const { tenantId, state, tags, after, limit } = query
  return db
    .select()
    .from(batches)
    .where(
      and(
        eq(batches.tenantId, tenantId),
        eq(batches.implicit, false),
        state === undefined ? undefined : eq(batches.state, state),
        tags === undefined ? undefined : sql`${batches.tags} @> ${asJson(tags)}`,
        after === undefined ? undefined : lt(batches.id, after),
      ),
    )
    .orderBy(desc(batches.id))
    .limit(limit)
}
