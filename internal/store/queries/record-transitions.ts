import { type SQL, sql } from 'drizzle-orm'
import type { NewEvent } from '../events.ts'
import { asJson } from '../rows.ts'
import type { FileState } from '../schema.ts'
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

/** An event and its place among the new ones of its batch, from 1. */
interface NumberedEvent {
  batch_id: string
  nth: number
  file_id: string | null
  type: string
  data: unknown
}

/**
 * Keeps the books of a transaction that moved files: batch counters and state, the gapless event sequence, the events,
 * one notification, and what is to be told of a batch that ends. Exactly the transaction that leaves a sealed batch with
 * nothing open completes it, because the batch's row is locked here until commit. Callers lock batches before files
 * (`lockBatches`), so two never deadlock.
 */
export async function recordTransitions(
  tx: Database,
  transitions: readonly Transition[],
  now: Date,
): Promise<void> {
  if (transitions.length === 0) return
  await tx.execute(sql`with ${bookkeeping(transitions, now)} select count(*) from events_told`)
}

/** Locks batches in id order. */
export async function lockBatches(tx: Database, batchIds: Iterable<string>): Promise<void> {
  const ids = [...new Set(batchIds)]
  await tx.execute(
    sql`select 1 from batches where id in (select json_array_elements_text(${asJson(ids)})) order by id for update`,
  )
}

/**
 * The same as common table expressions, for a statement that writes the files as well. It has to read `events_told`:
 * what nobody reads is not run, and nobody is notified. They are notified once for all events, since NOTIFY makes
 * commits queue up behind one lock.
 */
export function bookkeeping(transitions: readonly Transition[], now: Date): SQL {
  const at = sql`${now.toISOString()}::timestamptz`
  const { deltas, events } = sumUp(transitions)
  return sql`
    delta as (
      select * from json_to_recordset(${asJson(deltas)}) as d (
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
    ), moved as (
      update batches b set
        pending = n.pending, queued = n.queued, processing = n.processing, completed = n.completed,
        failed = n.failed, cancelled = n.cancelled,
        bytes_in = b.bytes_in + n.bytes_in, bytes_out = b.bytes_out + n.bytes_out,
        state = n.new_state,
        completed_at = case
          when n.new_state not in ('completed', 'cancelled') then null
          else coalesce(b.completed_at, ${at}) end,
        last_seq = b.last_seq + n.events
          + case when n.new_state = 'completed' and n.old_state <> 'completed' then 1 else 0 end,
        updated_at = ${at}
      from decided n where b.id = n.id
      returning b.id, b.job_uid, n.first_seq, b.last_seq,
        n.new_state = 'completed' and n.old_state <> 'completed' as ended,
        case when n.new_state = 'completed' and n.old_state <> 'completed' then to_jsonb(b) - 'options' end as row
    ), to_deliver as (
      insert into webhook_deliveries (batch_id, seq, job_uid, type, batch, next_attempt_at, created_at)
      select m.id, m.last_seq, w.job_uid, 'batch.completed', m.row::json, ${at}, ${at}
      from moved m join webhooks w on w.job_uid = m.job_uid where m.ended and not w.gone
    ), appended as (
      insert into events (batch_id, seq, file_id, type, data, created_at)
      select m.id, m.first_seq + e.nth, e.file_id, e.type, e.data, ${at}
      from moved m join json_to_recordset(${asJson(events)}) as e (
        batch_id text, nth integer, file_id text, type text, data json) on e.batch_id = m.id
      union all
      select id, last_seq, null, 'batch.completed', '{"state":"completed"}', ${at} from moved where ended
      returning batch_id
    ), events_told as (
      select pg_notify('events', case when count(*) > ${mostNamed} then '' else string_agg(batch_id, ',') end)
      from (select distinct batch_id from appended) as told having count(*) > 0
    )`
}

/** Batches a notification names; when there are more, everybody looks at all of theirs. Its payload is limited. */
const mostNamed = 100

function sumUp(transitions: readonly Transition[]): { deltas: Delta[]; events: NumberedEvent[] } {
  const deltas = new Map<string, Delta>()
  const events: NumberedEvent[] = []
  for (const { batchId, fileId, count = 1, event, ...t } of transitions) {
    const delta = deltas.get(batchId) ?? emptyDelta(batchId)
    deltas.set(batchId, delta)
    if (t.from !== null) delta[t.from] -= count
    if (t.to !== null) delta[t.to] += count
    delta.bytes_in += t.bytesIn ?? 0
    delta.bytes_out += t.bytesOut ?? 0
    if (event === undefined) continue
    delta.events += 1
    events.push({ batch_id: batchId, nth: delta.events, file_id: fileId, ...event })
  }
  return { deltas: [...deltas.values()], events }
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
