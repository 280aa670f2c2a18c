import { sql } from 'drizzle-orm'
import type { NewEvent } from '../events.ts'
import { asJson } from '../rows.ts'
import { type FileRow, files } from '../schema.ts'
import type { Database } from '../store.ts'
import { type Outcome, recordActivity } from './record-activity.ts'
import { lockBatches, recordTransitions, type Transition } from './record-transitions.ts'

/** What a decision makes of one file. */
export interface FileChange {
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
  if (changes.length === 0) return changes
  await writeFiles(tx, changes, scope.now)
  await writeTasks(tx, changes)
  await recordTransitions(tx, changes.map(toTransition), scope.now)
  await recordActivity(tx, changes.map(toOutcome), scope.now)
  if (changes.some((c) => typeof c.task === 'object')) await tx.execute(sql`select pg_notify('tasks', '')`)
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

async function writeFiles(tx: Database, changes: readonly FileChange[], now: Date): Promise<void> {
  const rows = changes.map(({ after: f }) => ({
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
  }))
  await tx.execute(sql`
    update files f set
      state = u.state, size = u.size, type = u.type, attempt = u.attempt, seq = u.seq, failures = u.failures,
      result = u.result, error_code = u.error_code, error_message = u.error_message, history = u.history,
      queued_at = u.queued_at, started_at = u.started_at, finished_at = u.finished_at,
      updated_at = ${now.toISOString()}::timestamptz
    from jsonb_to_recordset(${asJson(rows)}) as u (
      id text, state text, size bigint, type text, attempt integer, seq smallint, failures integer, result jsonb,
      error_code text, error_message text, history jsonb, queued_at timestamptz, started_at timestamptz,
      finished_at timestamptz)
    where f.id = u.id`)
}

async function writeTasks(tx: Database, changes: readonly FileChange[]): Promise<void> {
  const rows = changes.flatMap(({ after, task }) => {
    if (task === 'unchanged') return []
    const waiting = task !== 'done'
    return [
      {
        file_id: after.id,
        state: waiting ? 'waiting' : 'done',
        attempt: after.attempt,
        publish_at: waiting ? task.publishAt : null,
      },
    ]
  })
  if (rows.length === 0) return
  await tx.execute(sql`
    update tasks t set
      state = u.state, attempt = u.attempt, publish_at = coalesce(u.publish_at, t.publish_at),
      leased_until = null, released_at = null, released_partition = null
    from jsonb_to_recordset(${asJson(rows)}) as u (file_id text, state text, attempt integer, publish_at timestamptz)
    where t.file_id = u.file_id`)
}
