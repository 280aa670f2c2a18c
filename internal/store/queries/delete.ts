import { and, eq, inArray, sql } from 'drizzle-orm'
import { batches, events, type FileRow, files, objectDeletions } from '../schema.ts'
import type { Database } from '../store.ts'
import { noteCancellation } from './cancellations.ts'
import { settledBytes } from './change-files.ts'
import { lockBatches, recordTransitions } from './record-transitions.ts'
import { requireBatch } from './require-batch.ts'
import { requireFile } from './require-file.ts'

/**
 * Erases a file: its row now, its bytes when the sweeper comes by. A batch left without files goes with its last one
 * if it was made for it. Throws file_not_found.
 */
export async function deleteFile(
  db: Database,
  { tenantId, fileId, now }: { tenantId: string; fileId: string; now: Date },
): Promise<void> {
  const { batchId } = await requireFile(db, tenantId, fileId)
  await db.transaction(async (tx) => {
    await lockBatches(tx, [batchId])
    const file = await requireFile(tx, tenantId, fileId)
    const batch = await requireBatch(tx, tenantId, batchId)
    await queueObjectDeletions(tx, objectKeys(file))
    if (isOpen(file)) await noteCancellation(tx, { jobUid: file.jobUid, batchId, fileId }, now)
    if (batch.implicit) {
      await tx.delete(batches).where(eq(batches.id, batchId))
      return
    }
    await tx.delete(files).where(eq(files.id, fileId))
    const bytes = settledBytes(file)
    await recordTransitions(
      tx,
      [
        {
          batchId,
          fileId,
          from: file.state,
          to: null,
          bytesIn: -bytes.in,
          bytesOut: -bytes.out,
          event: { type: 'file.deleted', data: { name: file.name, state: file.state } },
        },
      ],
      now,
    )
  })
}

const isOpen = (file: FileRow) => file.state === 'queued' || file.state === 'processing'

const pageSize = 1_000
/** Events have several rows a file; without bytes to note, more of them go at once. */
const eventPageSize = 5_000

/**
 * Erases a batch with its files and events, a page a transaction, so that one of millions neither holds locks for long
 * nor exceeds the time a statement may take; bytes go when the sweeper comes by. Throws batch_not_found.
 */
export async function deleteBatch(
  db: Database,
  { tenantId, batchId, now }: { tenantId: string; batchId: string; now: Date },
): Promise<void> {
  const { jobUid, state } = await requireBatch(db, tenantId, batchId)
  if (state === 'open' || state === 'running') await noteCancellation(db, { jobUid, batchId }, now)
  for (;;) {
    const emptied = await db.transaction(async (tx) => {
      await lockBatches(tx, [batchId])
      const page = await tx.select().from(files).where(eq(files.batchId, batchId)).limit(pageSize)
      await queueObjectDeletions(tx, page.flatMap(objectKeys))
      const ids = page.map((f) => f.id)
      await tx.delete(files).where(and(eq(files.batchId, batchId), inArray(files.id, ids)))
      if ((await deleteEvents(tx, batchId)) || page.length === pageSize) return false
      await tx.delete(batches).where(eq(batches.id, batchId))
      await tx.execute(sql`select pg_notify('events', ${batchId})`)
      return true
    })
    if (emptied) return
  }
}

/** Deletes up to a page of events, oldest first; whether there may be more. */
async function deleteEvents(tx: Database, batchId: string): Promise<boolean> {
  const gone = await tx
    .delete(events)
    .where(
      and(
        eq(events.batchId, batchId),
        sql`${events.seq} < (select min(seq) from ${events} where batch_id = ${batchId}) + ${eventPageSize}`,
      ),
    )
    .returning({ seq: events.seq })
  return gone.length === eventPageSize
}

/** Everything in the object store that exists for this file. */
export function objectKeys(file: FileRow): string[] {
  return [file.uploadKey, ...(file.result?.outputs ?? []).map((output) => output.key)]
}

/** Notes keys whose objects must go, in the transaction that makes them unwanted. */
export async function queueObjectDeletions(tx: Database, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const rows = [...new Set(keys)].map((key) => ({ key }))
  await tx.insert(objectDeletions).values(rows).onConflictDoNothing()
}
