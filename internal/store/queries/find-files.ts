import { and, eq, inArray } from 'drizzle-orm'
import { type FileRow, files } from '../schema.ts'
import type { Database } from '../store.ts'

/** Of these ids, the rows that are in the batch; at most 1,000. */
export async function findFiles(
  db: Database,
  { tenantId, batchId, ids }: { tenantId: string; batchId: string; ids: readonly string[] },
): Promise<FileRow[]> {
  return db
    .select()
    .from(files)
    .where(and(eq(files.batchId, batchId), eq(files.tenantId, tenantId), inArray(files.id, [...ids])))
}
