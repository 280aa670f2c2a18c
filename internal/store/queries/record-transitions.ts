import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { NewEvent } from '../events.ts'
import { asJson, queryRows } from '../rows.ts'
import { type BatchState, batchStates, type FileState } from '../schema.ts'
import type { Database } from '../store.ts'

/** A file, or a number of a chunk's objects, moved from a state to another. `null` is "no row": just added, or deleted. */
export interface Transition {
  batchId: string
  /** Null when it is the batch itself that something happened to, or objects that have no rows. */
  fileId: string | null
  /** How many moved. Default 1. */
  count?: number
  from: FileState | null
  to: FileState | null
  /** Change of the batch's totals, bytes; positive when a file completes, negative when its row goes. */
  bytesIn?: number
  bytesOut?: number
  event?: NewEvent
}

const counted = ['pending', 'queued', 'processing', 'completed', 'failed', 'cancelled'] as const

interface Delta extends Record<(typeof counted)[number], number> {
  id: string
  bytes_in: number
  bytes_out: number
  events: number
}

const movedSchema = z.object({
  id: z.string(),
  old_state: z.enum(batchStates),
  state: z.enum(batchStates),
  first_seq: z.coerce.number(),
})

/**
 * Keeps the books of a transaction that moved files: batch counters and state, the gapless event sequence, the events,
 * and one notification. Exactly the transaction that leaves a sealed batch with nothing open completes it, because the
 * batch's row is locked here until commit. Callers lock batches before files (`lockBatches`), so two never deadlock.
 */
export async function recordTransitions(
  tx: Database,
  transitions: readonly Transition[],
  now: Date,
): Promise<void> {
  if (transitions.length === 0) return
  const moved = await moveCounters(tx, transitions, now)
  await appendEvents(tx, transitions, moved, now)
}

/** Locks batches in id order. */
export async function lockBatches(tx: Database, batchIds: Iterable<string>): Promise<void> {
  const ids = [...new Set(batchIds)]
  await tx.execute(
    sql`select 1 from batches where id in (select jsonb_array_elements_text(${asJson(ids)})) order by id for update`,
  )
}

async function moveCounters(tx: Database, transitions: readonly Transition[], now: Date) {
  const deltas = new Map<string, Delta>()
  for (const t of transitions) {
    const delta = deltas.get(t.batchId) ?? emptyDelta(t.batchId)
    deltas.set(t.batchId, delta)
    const { count = 1 } = t
    if (t.from !== null) delta[t.from] -= count
    if (t.to !== null) delta[t.to] += count
    delta.bytes_in += t.bytesIn ?? 0
    delta.bytes_out += t.bytesOut ?? 0
    if (t.event) delta.events += 1
  }
  return queryRows(
    tx,
    movedSchema,
    sql`
      with delta as (
        select * from jsonb_to_recordset(${asJson([...deltas.values()])}) as d (
          id text, events integer, pending integer, queued integer, processing integer, completed integer,
          failed integer, cancelled integer, bytes_in bigint, bytes_out bigint)
      ), counted as (
        select b.id, b.state as old_state, b.sealed, b.last_seq as first_seq, d.events, d.bytes_in, d.bytes_out,
          b.pending + d.pending as pending, b.queued + d.queued as queued,
          b.processing + d.processing as processing, b.completed + d.completed as completed,
          b.failed + d.failed as failed, b.cancelled + d.cancelled as cancelled
        from batches b join delta d on d.id = b.id
        order by b.id for update of b
      ), decided as (
        select *, case
          when old_state = 'cancelled' then 'cancelled'
          when sealed and pending + queued + processing = 0 then 'completed'
          when queued + processing + completed + failed + cancelled = 0 then 'open'
          else 'running' end as new_state
        from counted
      )
      update batches b set
        pending = n.pending, queued = n.queued, processing = n.processing, completed = n.completed,
        failed = n.failed, cancelled = n.cancelled,
        bytes_in = b.bytes_in + n.bytes_in, bytes_out = b.bytes_out + n.bytes_out,
        state = n.new_state,
        completed_at = case
          when n.new_state not in ('completed', 'cancelled') then null
          else coalesce(b.completed_at, ${now.toISOString()}::timestamptz) end,
        last_seq = b.last_seq + n.events
          + case when n.new_state = 'completed' and n.old_state <> 'completed' then 1 else 0 end,
        updated_at = ${now.toISOString()}::timestamptz
      from decided n where b.id = n.id
      returning b.id, n.old_state, b.state, n.first_seq`,
  )
}

function emptyDelta(id: string): Delta {
  return {
    id,
    events: 0,
    pending: 0,
    queued: 0,
    processing: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    bytes_in: 0,
    bytes_out: 0,
  }
}

async function appendEvents(
  tx: Database,
  transitions: readonly Transition[],
  moved: readonly { id: string; old_state: BatchState; state: BatchState; first_seq: number }[],
  now: Date,
): Promise<void> {
  const next = new Map(moved.map((b) => [b.id, b.first_seq]))
  const rows: { batch_id: string; seq: number; file_id: string | null; type: string; data: unknown }[] = []
  const append = (batchId: string, fileId: string | null, event: NewEvent) => {
    const seq = (next.get(batchId) ?? 0) + 1
    next.set(batchId, seq)
    rows.push({ batch_id: batchId, seq, file_id: fileId, ...event })
  }
  for (const t of transitions) if (t.event && next.has(t.batchId)) append(t.batchId, t.fileId, t.event)
  for (const b of moved) {
    if (b.state === 'completed' && b.old_state !== 'completed') {
      append(b.id, null, { type: 'batch.completed', data: { state: 'completed' } })
    }
  }
  if (rows.length === 0) return
  const payload = moved.length <= 100 ? moved.map((b) => b.id).join(',') : ''
  // Notified once for all of them: NOTIFY makes commits queue up behind one lock.
  await tx.execute(sql`
    with inserted as (
      insert into events (batch_id, seq, file_id, type, data, created_at)
      select batch_id, seq, file_id, type, data, ${now.toISOString()}::timestamptz
      from jsonb_to_recordset(${asJson(rows)}) as e (batch_id text, seq bigint, file_id text, type text, data jsonb)
    )
    select pg_notify('events', ${payload})`)
}
