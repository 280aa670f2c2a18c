import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import { asJson } from '../rows.ts'
import { type BatchRow, type BatchState, batches, type Tags } from '../schema.ts'
import type { Database } from '../store.ts'

export interface ListBatches {
  tenantId: string
  state?: BatchState
  /** Only batches with this in their name or in a tag, in any case, and the one whose id begins with it. */
  search?: string
  /** Only batches that carry all of these. */
  tags?: Tags
  /** Continue behind this id. */
  after?: string
  /** Rows at most. */
  limit: number
}

/** Batches, newest first. Those that exist only because a file was posted alone are left out. */
export async function listBatches(db: Database, query: ListBatches): Promise<BatchRow[]> {
  const { tenantId, state, search, tags, after, limit } = query
  return db
    .select()
    .from(batches)
    .where(
      and(
        eq(batches.tenantId, tenantId),
        eq(batches.implicit, false),
        state === undefined ? undefined : eq(batches.state, state),
        search === undefined ? undefined : matching(search),
        tags === undefined ? undefined : sql`${batches.tags} @> ${asJson(tags)}::jsonb`,
        after === undefined ? undefined : lt(batches.id, after),
      ),
    )
    .orderBy(desc(batches.id))
    .limit(limit)
}

/** Looks at every batch the tenant has, newest first, until the page is full: tens of thousands take milliseconds. */
function matching(search: string): SQL {
  const wanted = sql`lower(${search})`
  return sql`(
    position(${wanted} in lower(${batches.name})) > 0 or starts_with(${batches.id}, ${wanted})
    or exists (select 1 from jsonb_each_text(${batches.tags}) t where position(${wanted} in lower(t.value)) > 0))`
}
