import { and, eq, inArray, sql } from 'drizzle-orm'
import { KompressorError } from '../../errors/index.ts'
import { asJson } from '../rows.ts'
import { type BatchRow, batches, files } from '../schema.ts'
import type { Database } from '../store.ts'
import { changeFiles } from './change-files.ts'
import { lockBatches, recordTransitions } from './record-transitions.ts'
import { requireBatch } from './require-batch.ts'

export interface QueueFiles {
  tenantId: string
  batchId: string
  /** Ids of uploaded files and their predicted worker-milliseconds; at most 1,000. */
  files: readonly { id: string; cost: number }[]
  traceparent?: string
  now: Date
}

export interface QueueOutcome {
  queued: string[]
  /** Not pending any more: repeating the call changes nothing. */
  already: string[]
  unknown: string[]
}

/** Moves pending files of a batch to queued: their bytes are uploaded. Throws batch_not_found. */
export async function queueFiles(db: Database, request: QueueFiles): Promise<QueueOutcome> {
  const { tenantId, batchId, now } = request
  const ids = request.files.map((f) => f.id)
  return db.transaction(async (tx) => {
    await requireBatch(tx, tenantId, batchId)
    const found = await tx
      .select({ id: files.id })
      .from(files)
      .where(and(eq(files.batchId, batchId), inArray(files.id, ids)))
    const known = new Set(found.map((f) => f.id))
    const changes = await changeFiles(tx, { batchIds: [batchId], ids: [...known], now }, (rows) =>
      rows
        .filter((file) => file.state === 'pending')
        .map((before) => ({
          before,
          after: { ...before, state: 'queued' as const, queuedAt: now },
          task: 'unchanged' as const,
          event: {
            type: 'file.queued' as const,
            data: {
              name: before.name,
              state: 'queued' as const,
              attempt: before.attempt,
              ...(before.size !== null && { size: before.size }),
            },
          },
        })),
    )
    const queued = changes.map((c) => c.before.id)
    if (queued.length > 0) await insertTasks(tx, request, new Set(queued))
    const moved = new Set(queued)
    return {
      queued,
      already: ids.filter((id) => known.has(id) && !moved.has(id)),
      unknown: ids.filter((id) => !known.has(id)),
    }
  })
}

async function insertTasks(tx: Database, request: QueueFiles, queued: ReadonlySet<string>): Promise<void> {
  const rows = request.files.filter((f) => queued.has(f.id))
  const at = sql`${request.now.toISOString()}::timestamptz`
  await tx.execute(sql`
    insert into tasks (id, tenant_id, job_uid, batch_id, file_id, attempt, cost, publish_at, traceparent, created_at)
    select f.id, f.tenant_id, f.job_uid, f.batch_id, f.id, f.attempt, q.cost, ${at}, ${request.traceparent ?? null}, ${at}
    from json_to_recordset(${asJson(rows)}) as q (id text, cost integer) join files f on f.id = q.id`)
  await tx.execute(sql`select pg_notify('tasks', '')`)
}

/** Nothing more will be added. A sealed batch completes when nothing in it is open. Repeatable. Throws batch_not_found. */
export async function sealBatch(
  db: Database,
  { tenantId, batchId, now }: { tenantId: string; batchId: string; now: Date },
): Promise<BatchRow> {
  return db.transaction(async (tx) => {
    await lockBatches(tx, [batchId])
    const batch = await requireBatch(tx, tenantId, batchId)
    if (batch.state === 'cancelled') {
      throw new KompressorError('cancelled', `batch ${batchId} was cancelled; create a new one`)
    }
    if (batch.sealed) return batch
    await tx.update(batches).set({ sealed: true }).where(eq(batches.id, batchId))
    // An empty move lets the same statement that completes batches look at this one.
    await recordTransitions(tx, [{ batchId, fileId: null, from: null, to: null }], now)
    return requireBatch(tx, tenantId, batchId)
  })
}
