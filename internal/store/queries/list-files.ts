import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { asJson } from '../rows.ts'
import { type FileRow, type FileState, files, type Tags } from '../schema.ts'
import type { Database } from '../store.ts'

export interface ListFiles {
  tenantId: string
  batchId: string
  state?: FileState
  /** Only names that contain this, in any case. */
  name?: string
  /** Only files that carry all of these. */
  tags?: Tags
  /** Continue behind this id. */
  after?: string
  /** Rows at most. */
  limit: number
}

/** Files of a batch in the order they were announced. Empty for an unknown batch. */
export async function listFiles(db: Database, query: ListFiles): Promise<FileRow[]> {
  const { tenantId, batchId, state, name, tags, after, limit } = query
  return db
    .select()
    .from(files)
    .where(
      and(
        eq(files.batchId, batchId),
        eq(files.tenantId, tenantId),
        state === undefined ? undefined : eq(files.state, state),
        name === undefined ? undefined : sql`position(lower(${name}) in lower(${files.name})) > 0`,
        tags === undefined ? undefined : sql`${files.tags} @> ${asJson(tags)}::jsonb`,
        after === undefined ? undefined : gt(files.id, after),
      ),
    )
    .orderBy(asc(files.id))
    .limit(limit)
}
