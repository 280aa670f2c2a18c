import { and, eq } from 'drizzle-orm'
import { KompressorError } from '../../errors/index.ts'
import { type FileRow, files } from '../schema.ts'
import type { Database } from '../store.ts'

/** The tenant's file. Throws file_not_found, also for somebody else's. */
export async function requireFile(db: Database, tenantId: string, fileId: string): Promise<FileRow> {
  const [file] = await db
    .select()
    .from(files)
    .where(and(eq(files.id, fileId), eq(files.tenantId, tenantId)))
  if (file === undefined) throw new KompressorError('file_not_found', `there is no file ${fileId}`)
  return file
}
