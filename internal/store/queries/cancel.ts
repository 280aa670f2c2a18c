import { setImmediate } from 'node:timers/promises'
import { and, eq, gt, inArray, sql } from 'drizzle-orm'
import { type BatchRow, batches, events, type FileRow, files } from '../schema.ts'
import type { Database } from '../store.ts'
import { cancelChunks } from './cancel-chunks.ts'
import { noteCancellation } from './cancellations.ts'
import { changeFiles, type FileChange } from './change-files.ts'
import { lockBatches, recordTransitions } from './record-transitions.ts'
import { requireBatch } from './require-batch.ts'
import { requireFile } from './require-file.ts'
import { queueCancelled } from './webhook-deliveries.ts'

const openStates = ['pending', 'queued', 'processing'] as const
const isOpen = (file: FileRow) =>
  file.state === 'pending' || file.state === 'queued' || file.state === 'processing'
/** Small enough that readers of the embedded database hardly wait. */
const pageSize = 50

/** Stops a file that has not ended; one that has is returned as it is. Throws file_not_found. */
export async function cancelFile(
  db: Database,
  { tenantId, fileId, now }: { tenantId: string; fileId: string; now: Date },
): Promise<FileRow> {
  const { batchId, jobUid } = await requireFile(db, tenantId, fileId)
  await db.transaction(async (tx) => {
    const changes = await changeFiles(tx, { batchIds: [batchId], ids: [fileId], now }, (rows) =>
      rows.filter(isOpen).map((f) => cancelled(f, now)),
    )
    if (changes.length > 0) await noteCancellation(tx, { jobUid, batchId, fileId }, now)
  })
  return requireFile(db, tenantId, fileId)
}

/**
 * Seals the batch and cancels what is open in it, a page a transaction; what has ended stays, and a completed batch
 * is returned as it is. `batch.cancelled` is the last event. Repeatable, and to be repeated after a crash (the sweeper
 * does, see `unfinishedCancellations`). Throws batch_not_found.
 */
export async function cancelBatch(
  db: Database,
  { tenantId, batchId, now }: { tenantId: string; batchId: string; now: Date },
): Promise<BatchRow> {
  const marked = await db.transaction(async (tx) => {
    await lockBatches(tx, [batchId])
    const batch = await requireBatch(tx, tenantId, batchId)
    if (batch.state === 'completed') return false
    // Marked before its files are, so that no transaction sees it sealed and idle, and completes it.
    await tx.update(batches).set({ state: 'cancelled', sealed: true }).where(eq(batches.id, batchId))
    if (batch.state !== 'cancelled') await noteCancellation(tx, { jobUid: batch.jobUid, batchId }, now)
    return true
  })
  if (!marked) return requireBatch(db, tenantId, batchId)
  for (let after: string | undefined = ''; after !== undefined; await setImmediate()) {
    after = await cancelPage(db, { batchId, after, now })
  }
  while (await cancelChunks(db, batchId, pageSize, now)) await setImmediate()
  await db.transaction((tx) => announce(tx, batchId, now))
  return requireBatch(db, tenantId, batchId)
}

/** Cancelled batches that still have open files: their cancelling was cut off. */
export async function unfinishedCancellations(db: Database): Promise<{ id: string; tenantId: string }[]> {
  return db
    .select({ id: batches.id, tenantId: batches.tenantId })
    .from(batches)
    .where(
      and(
        eq(batches.state, 'cancelled'),
        sql`${batches.pending} + ${batches.queued} + ${batches.processing} > 0`,
      ),
    )
    .limit(pageSize)
}

/** Cancels up to a page of open files behind an id; the last one's, or undefined when there were none. */
async function cancelPage(
  db: Database,
  { batchId, after, now }: { batchId: string; after: string; now: Date },
): Promise<string | undefined> {
  const page = await db
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.batchId, batchId), inArray(files.state, [...openStates]), gt(files.id, after)))
    .orderBy(files.id)
    .limit(pageSize)
  if (page.length === 0) return undefined
  const scope = { batchIds: [batchId], ids: page.map((f) => f.id), now }
  await db.transaction((tx) =>
    changeFiles(tx, scope, (rows) => rows.filter(isOpen).map((f) => cancelled(f, now))),
  )
  return page.at(-1)?.id
}

/** Says once that the batch is cancelled, to whoever is told when a batch of its job ends too. */
async function announce(tx: Database, batchId: string, now: Date): Promise<void> {
  await lockBatches(tx, [batchId])
  const [said] = await tx
    .select({ seq: events.seq })
    .from(events)
    .where(and(eq(events.batchId, batchId), eq(events.type, 'batch.cancelled')))
  if (said !== undefined) return
  const event = { type: 'batch.cancelled' as const, data: { state: 'cancelled' as const } }
  await recordTransitions(tx, [{ batchId, fileId: null, from: null, to: null, event }], now)
  await queueCancelled(tx, batchId, now)
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
