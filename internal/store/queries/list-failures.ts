import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { ErrorCode } from '../../errors/index.ts'
import { type FileRow, files } from '../schema.ts'
import type { Database } from '../store.ts'

export interface ListFailures {
  tenantId: string
  code: ErrorCode
  batchId?: string
  /** Only names that contain this, in any case. */
  name?: string
  /** Continue behind this id. */
  after?: string
  /** Rows at most. */
  limit: number
}

/** Files that failed with a code, newest first. */
export async function listFailures(db: Database, query: ListFailures): Promise<FileRow[]> {
  const { tenantId, code, batchId, name, after, limit } = query
  return db
    .select()
    .from(files)
    .where(
      and(
        eq(files.tenantId, tenantId),
        eq(files.state, 'failed'),
        eq(files.errorCode, code),
        batchId === undefined ? undefined : eq(files.batchId, batchId),
        name === undefined ? undefined : sql`position(lower(${name}) in lower(${files.name})) > 0`,
        after === undefined ? undefined : lt(files.id, after),
      ),
    )
    .orderBy(desc(files.id))
    .limit(limit)
}
