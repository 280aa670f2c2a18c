import { and, eq, inArray } from 'drizzle-orm'
import { type BatchRow, batches, type FileRow, files } from '../schema.ts'
import type { Database } from '../store.ts'
import { changeFiles, type FileChange } from './change-files.ts'
import { lockBatches, recordTransitions } from './record-transitions.ts'
import { requireBatch } from './require-batch.ts'
import { requireFile } from './require-file.ts'

const openStates = ['pending', 'queued', 'processing'] as const
const isOpen = (file: FileRow) =>
  file.state === 'pending' || file.state === 'queued' || file.state === 'processing'
const pageSize = 500

/** Stops a file that has not ended; one that has is returned as it is. Throws file_not_found. */
export async function cancelFile(
  db: Database,
  { tenantId, fileId, now }: { tenantId: string; fileId: string; now: Date },
): Promise<FileRow> {
  const { batchId } = await requireFile(db, tenantId, fileId)
  await db.transaction((tx) =>
    changeFiles(tx, { batchIds: [batchId], ids: [fileId], now }, (rows) =>
      rows.filter(isOpen).map((f) => cancelled(f, now)),
    ),
  )
  return requireFile(db, tenantId, fileId)
}

/**
 * Seals the batch and cancels what is open in it, a page a transaction; what has ended stays, and a completed batch
 * is returned as it is. Repeatable. Throws batch_not_found.
 */
export async function cancelBatch(
  db: Database,
  { tenantId, batchId, now }: { tenantId: string; batchId: string; now: Date },
): Promise<BatchRow> {
  const marked = await db.transaction(async (tx) => {
    await lockBatches(tx, [batchId])
    const batch = await requireBatch(tx, tenantId, batchId)
    if (batch.state === 'completed') return false
    if (batch.state === 'cancelled') return true
    // Marked before its files are, so that no transaction sees it sealed and idle, and completes it.
    await tx.update(batches).set({ state: 'cancelled', sealed: true }).where(eq(batches.id, batchId))
    const event = { type: 'batch.cancelled' as const, data: { state: 'cancelled' as const } }
    await recordTransitions(tx, [{ batchId, fileId: null, from: null, to: null, event }], now)
    return true
  })
  while (marked) {
    const page = await db
      .select({ id: files.id })
      .from(files)
      .where(and(eq(files.batchId, batchId), inArray(files.state, [...openStates])))
      .orderBy(files.id)
      .limit(pageSize)
    if (page.length === 0) break
    await db.transaction((tx) =>
      changeFiles(tx, { batchIds: [batchId], ids: page.map((f) => f.id), now }, (rows) =>
        rows.filter(isOpen).map((f) => cancelled(f, now)),
      ),
    )
  }
  return requireBatch(db, tenantId, batchId)
}

function cancelled(before: FileRow, now: Date): FileChange {
  return {
    before,
    after: { ...before, state: 'cancelled', finishedAt: now },
    task: 'done',
    event: {
      type: 'file.cancelled',
      data: { name: before.name, state: 'cancelled', attempt: before.attempt },
    },
  }
}
