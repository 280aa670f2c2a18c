import { and, eq, gt, inArray, isNotNull, sql } from 'drizzle-orm'
import { type ErrorCode, KompressorError } from '../../errors/index.ts'
import { type FileRow, files } from '../schema.ts'
import type { Database } from '../store.ts'
import { changeFiles, type FileChange } from './change-files.ts'
import { requireBatch } from './require-batch.ts'
import { requireFile } from './require-file.ts'

export interface RetryFiles {
  tenantId: string
  /** One batch, one file or one job; none of them: every failed file of the tenant. */
  batchId?: string
  fileId?: string
  jobUid?: string
  /** Only these files; those that have not failed are passed over. At most a thousand. */
  ids?: readonly string[]
  /** Only files that failed with these codes. */
  codes?: readonly ErrorCode[]
  now: Date
}

/** Small enough that readers of the embedded database hardly wait. */
const pageSize = 100

/**
 * Queues failed files again, with all their attempts before them; the only way out of `failed`. Those that were never
 * uploaded are passed over. Returns how many. Throws batch_not_found, file_not_found, not_failed (one file that has not
 * failed), upload_expired (one that was not uploaded), cancelled (its batch was).
 */
export async function retryFiles(db: Database, request: RetryFiles): Promise<number> {
  const { tenantId, batchId, fileId, jobUid, ids, codes, now } = request
  if (batchId !== undefined) await requireLiveBatch(db, tenantId, batchId)
  if (fileId !== undefined) {
    const file = await requireFailed(db, tenantId, fileId)
    await requireLiveBatch(db, tenantId, file.batchId)
  }
  let count = 0
  let after = ''
  for (;;) {
    const page = await db
      .select({ id: files.id, batchId: files.batchId })
      .from(files)
      .where(
        and(
          eq(files.tenantId, tenantId),
          eq(files.state, 'failed'),
          gt(files.id, after),
          // What was never uploaded has no bytes to try again with, and no task.
          isNotNull(files.queuedAt),
          batchId === undefined ? undefined : eq(files.batchId, batchId),
          fileId === undefined ? undefined : eq(files.id, fileId),
          jobUid === undefined ? undefined : eq(files.jobUid, jobUid),
          ids === undefined ? undefined : inArray(files.id, [...ids]),
          codes === undefined ? undefined : inArray(files.errorCode, [...codes]),
          sql`exists (select 1 from batches b where b.id = ${files.batchId} and b.state <> 'cancelled')`,
        ),
      )
      .orderBy(files.id)
      .limit(pageSize)
    const last = page.at(-1)
    if (last === undefined) return count
    after = last.id
    const scope = { batchIds: page.map((f) => f.batchId), ids: page.map((f) => f.id), now }
    const changes = await db.transaction((tx) =>
      changeFiles(tx, scope, (rows) => rows.filter((f) => f.state === 'failed').map((f) => requeued(f, now))),
    )
    count += changes.length
  }
}

async function requireLiveBatch(db: Database, tenantId: string, batchId: string): Promise<void> {
  const batch = await requireBatch(db, tenantId, batchId)
  if (batch.state !== 'cancelled') return
  throw new KompressorError(
    'cancelled',
    `batch ${batchId} was cancelled; submit its files again in a new one`,
  )
}

async function requireFailed(db: Database, tenantId: string, fileId: string): Promise<FileRow> {
  const file = await requireFile(db, tenantId, fileId)
  if (file.state === 'failed' && file.queuedAt === null) {
    throw new KompressorError('upload_expired', `file ${fileId} was never uploaded; announce it again`)
  }
  if (file.state === 'failed') return file
  throw new KompressorError('not_failed', `file ${fileId} is ${file.state}; only failed files can be retried`)
}

function requeued(before: FileRow, now: Date): FileChange {
  const attempt = before.attempt + 1
  return {
    before,
    after: {
      ...before,
      state: 'queued',
      attempt,
      seq: -1,
      failures: 0,
      errorCode: null,
      errorMessage: null,
      queuedAt: now,
      startedAt: null,
      finishedAt: null,
    },
    task: { publishAt: now },
    event: { type: 'file.queued', data: { name: before.name, state: 'queued', attempt } },
  }
}
