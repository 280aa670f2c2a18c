import { sql } from 'drizzle-orm'
import type { CompressionOptions } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import { asJson } from '../rows.ts'
import { type BatchRow, batches, type Tags } from '../schema.ts'
import type { Database } from '../store.ts'
import { lockBatches } from './record-transitions.ts'
import { requireBatch } from './require-batch.ts'

/** A file somebody announced. Its bytes are on their way. */
export interface NewFile {
  id: string
  name: string
  size?: number
  type?: string
  sha256?: string
  tags: Tags
  uploadKey: string
  uploadExpiresAt?: Date
}

export interface NewBatch {
  id: string
  tenantId: string
  jobUid: string
  name?: string
  options: CompressionOptions
  tags: Tags
  expiresAt: Date
  files: readonly NewFile[]
}

/** Creates an open batch whose files are pending. Throws duplicate_name. */
export async function createBatch(db: Database, batch: NewBatch): Promise<BatchRow> {
  return db.transaction(async (tx) => {
    const { id, tenantId, jobUid, name = null, options, tags, expiresAt } = batch
    const [row] = await tx
      .insert(batches)
      .values({ id, tenantId, jobUid, name, options, tags, expiresAt, pending: batch.files.length })
      .returning()
    if (row === undefined) throw new KompressorError('internal', 'the batch was not inserted')
    await insertPending(tx, row, batch.files)
    return row
  })
}

/** Adds pending files to an open batch. Throws batch_not_found, batch_sealed, duplicate_name. */
export async function addFiles(
  db: Database,
  { tenantId, batchId, files }: { tenantId: string; batchId: string; files: readonly NewFile[] },
): Promise<BatchRow> {
  return db.transaction(async (tx) => {
    await lockBatches(tx, [batchId])
    const batch = await requireOpenBatch(tx, tenantId, batchId)
    await insertPending(tx, batch, files)
    const [row] = await tx
      .update(batches)
      .set({ pending: sql`${batches.pending} + ${files.length}`, updatedAt: sql`now()` })
      .where(sql`${batches.id} = ${batchId}`)
      .returning()
    if (row === undefined) throw new KompressorError('batch_not_found', `there is no batch ${batchId}`)
    return row
  })
}

/** The batch, if it still takes files. Throws batch_not_found, batch_sealed. */
export async function requireOpenBatch(tx: Database, tenantId: string, batchId: string): Promise<BatchRow> {
  const batch = await requireBatch(tx, tenantId, batchId)
  if (batch.sealed || batch.state === 'cancelled') {
    throw new KompressorError('batch_sealed', `batch ${batchId} is sealed; create a new one for more files`)
  }
  return batch
}

/** A thousand rows a statement: more would stall the event loop the embedded database shares. */
const pageSize = 1_000

async function insertPending(tx: Database, batch: BatchRow, newFiles: readonly NewFile[]): Promise<void> {
  for (let from = 0; from < newFiles.length; from += pageSize) {
    const rows = newFiles.slice(from, from + pageSize).map((f) => ({
      id: f.id,
      name: f.name,
      size: f.size ?? null,
      type: f.type ?? null,
      sha256: f.sha256 ?? null,
      tags: f.tags,
      upload_key: f.uploadKey,
      upload_expires_at: f.uploadExpiresAt ?? null,
    }))
    await refusingDuplicates(() =>
      tx.execute(sql`
        insert into files (id, tenant_id, batch_id, job_uid, state, name, size, type, sha256, tags, upload_key,
          upload_expires_at)
        select id, ${batch.tenantId}, ${batch.id}, ${batch.jobUid}, 'pending', name, size, type, sha256, tags,
          upload_key, upload_expires_at
        from json_to_recordset(${asJson(rows)}) as f (
          id text, name text, size bigint, type text, sha256 text, tags jsonb, upload_key text,
          upload_expires_at timestamptz)`),
    )
  }
}

/** Turns a violation of "one name, one file a batch" into duplicate_name. */
export async function refusingDuplicates<T>(insert: () => PromiseLike<T>): Promise<T> {
  try {
    return await insert()
  } catch (error) {
    if (violatedConstraint(error) !== 'files_by_batch_name') throw error
    throw new KompressorError('duplicate_name', 'the batch has a file of this name already; rename it', {
      cause: error,
    })
  }
}

/** The drivers put the constraint on their error, the query builder wraps that. */
function violatedConstraint(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('constraint' in error && typeof error.constraint === 'string') return error.constraint
  return 'cause' in error ? violatedConstraint(error.cause) : undefined
}
