import { type SQL, sql } from 'drizzle-orm'
import type { NewEvent } from '../events.ts'
import { asJson } from '../rows.ts'
import { type FileRow, files } from '../schema.ts'
import type { Database } from '../store.ts'
import { type HeldChange, heldNoted } from './held.ts'
import { activityAdded, type Outcome } from './record-activity.ts'
import { bookkeeping, lockBatches, type Transition } from './record-transitions.ts'

/** What a decision makes of one file. */
export interface FileChange extends HeldChange {
  before: FileRow
  after: FileRow
  /** What becomes of its task: nothing more to do, or (again) to be released at this time, at `after.attempt`. */
  task: 'done' | { publishAt: Date } | 'unchanged'
  event?: NewEvent
}

/**
 * The one way files change state: lock their batches, read them, decide with a pure function, write files, tasks,
 * counters and events, all in the caller's transaction. `ids` should not exceed a thousand: the embedded database runs
 * on the event loop.
 */
export async function changeFiles(
  tx: Database,
  scope: { batchIds: Iterable<string>; ids: readonly string[]; now: Date },
  decide: (rows: FileRow[]) => FileChange[],
): Promise<FileChange[]> {
  if (scope.ids.length === 0) return []
  await lockBatches(tx, scope.batchIds)
  const rows = await tx
    .select()
    .from(files)
    .where(sql`${files.id} = any(${sql.param(scope.ids)}::text[])`)
    .orderBy(files.id)
    .for('update')
  const changes = decide(rows)
  if (changes.length > 0) await tx.execute(written(changes, scope.now))
  return changes
}

function toTransition({ before, after, event }: FileChange): Transition {
  return {
    batchId: before.batchId,
    fileId: before.id,
    from: before.state,
    to: after.state,
    bytesIn: settledBytes(after).in - settledBytes(before).in,
    bytesOut: settledBytes(after).out - settledBytes(before).out,
    ...(event && { event }),
  }
}

function toOutcome({ before, after, event }: FileChange): Outcome {
  const { tenantId, queuedAt, finishedAt } = after
  if (event?.type === 'file.retrying') return { tenantId, kind: 'retried' }
  const settled = before.state !== after.state && (after.state === 'completed' || after.state === 'failed')
  if (!settled) return { tenantId, kind: 'none' }
  return {
    tenantId,
    kind: after.state === 'completed' ? 'completed' : 'failed',
    bytes: settledBytes(after),
    ...(queuedAt !== null && finishedAt !== null && { ms: finishedAt.getTime() - queuedAt.getTime() }),
  }
}

/** What a file contributes to its batch's totals. */
export function settledBytes(file: FileRow): { in: number; out: number } {
  if (file.state !== 'completed' || file.result === null) return { in: 0, out: 0 }
  return { in: file.result.bytesIn, out: file.result.bytesOut }
}

/** One statement for everything that changes with the files. */
function written(changes: readonly FileChange[], now: Date): SQL {
  const noted = heldNoted(changes, now)
  return sql`
    with change as (
      select * from json_to_recordset(${asJson(changes.map(toRow))}) as c (
        id text, state text, size bigint, type text, attempt integer, seq smallint, failures integer, result json,
        error_code text, error_message text, history json, queued_at timestamptz, started_at timestamptz,
        finished_at timestamptz, task text, publish_at timestamptz)
    ), changed as (
      update files f set
        state = c.state, size = c.size, type = c.type, attempt = c.attempt, seq = c.seq, failures = c.failures,
        result = c.result, error_code = c.error_code, error_message = c.error_message, history = c.history,
        queued_at = c.queued_at, started_at = c.started_at, finished_at = c.finished_at,
        updated_at = ${now.toISOString()}::timestamptz
      from change c where f.id = c.id
    ), ended as (
      delete from tasks t using change c where t.file_id = c.id and c.task = 'gone'
    ), due as (
      update tasks t set
        state = c.task, attempt = c.attempt, publish_at = coalesce(c.publish_at, t.publish_at),
        leased_until = null, released_at = null, released_partition = null
      from change c where t.file_id = c.id and c.task in ('waiting', 'done')
    ), ${noted === undefined ? sql`` : sql`held as (${noted}), `}${bookkeeping(changes.map(toTransition), now)}, ${activityAdded(changes.map(toOutcome), now)}, tasks_told as (
      select pg_notify('tasks', '') where exists (select 1 from change where task = 'waiting')
    )
    select (select count(*) from events_told), (select count(*) from tasks_told)`
}

function toRow({ after: f, task }: FileChange) {
  return {
    id: f.id,
    state: f.state,
    size: f.size,
    type: f.type,
    attempt: f.attempt,
    seq: f.seq,
    failures: f.failures,
    result: f.result,
    error_code: f.errorCode,
    error_message: f.errorMessage,
    history: f.history,
    queued_at: f.queuedAt,
    started_at: f.startedAt,
    finished_at: f.finishedAt,
    task: taskState(f, task),
    publish_at: typeof task === 'object' ? task.publishAt : null,
  }
}

/** The state of the file's task. A retry call finds that of a failed file; of others nothing can become any more. */
function taskState(after: FileRow, task: FileChange['task']): 'gone' | 'done' | 'waiting' | null {
  if (task === 'unchanged') return null
  if (task !== 'done') return 'waiting'
  return after.state === 'failed' ? 'done' : 'gone'
}
