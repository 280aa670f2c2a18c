import { and, inArray, isNotNull, sql } from 'drizzle-orm'
import { type ChunkObject, noCounts, settledIn } from '../../messages/index.ts'
import { packObjects } from '../chunk-objects.ts'
import { asJson } from '../rows.ts'
import { type BatchRow, batches, type FileState, type TaskRow, tasks } from '../schema.ts'
import type { Database } from '../store.ts'
import { type HeldChange, heldNoted } from './held.ts'
import { isProgressDue, progressEvent } from './progress-event.ts'
import { type Outcome, recordActivity } from './record-activity.ts'
import { recordTransitions, type Transition } from './record-transitions.ts'
import { addTallies, type TallyDelta } from './tallies.ts'

export type ChunkRow = TaskRow & { objectCount: number }

/** What a decision makes of one chunk. */
export interface ChunkChange extends HeldChange {
  before: ChunkRow
  after: ChunkRow
  /** Chunks that take over objects of it. */
  successors: readonly NewChunk[]
  tallies: readonly TallyDelta[]
}

export interface NewChunk {
  id: string
  attempt: number
  failures: number
  objects: readonly ChunkObject[]
  /** Predicted worker-milliseconds, not calibrated. */
  cost: number
  publishAt: Date
}

/**
 * The one way chunks change, beside `changeFiles` and with the same order of locks: the caller has locked the batches.
 * Writes chunks, their successors, tallies, counters and at most one event a batch. `ids` should not exceed a few
 * hundred.
 */
export async function changeChunks(
  tx: Database,
  scope: { ids: readonly string[]; now: Date },
  decide: (row: ChunkRow, batch: BatchRow) => ChunkChange | undefined,
): Promise<ChunkChange[]> {
  if (scope.ids.length === 0) return []
  const rows = await tx
    .select()
    .from(tasks)
    .where(and(inArray(tasks.id, [...scope.ids]), isNotNull(tasks.objectCount)))
    .orderBy(tasks.id)
    .for('update')
  const batchIds = [...new Set(rows.map((row) => row.batchId))]
  if (batchIds.length === 0) return []
  const found = await tx.select().from(batches).where(inArray(batches.id, batchIds))
  const byId = new Map(found.map((batch) => [batch.id, batch]))
  const changes = rows.flatMap((row) => {
    const batch = byId.get(row.batchId)
    if (!isChunk(row) || batch === undefined) return []
    return decide(row, batch) ?? []
  })
  if (changes.length === 0) return changes
  await writeChunks(tx, changes)
  await insertSuccessors(tx, changes, scope.now)
  await addTallies(
    tx,
    changes.flatMap(({ before, tallies }) =>
      tallies.map((t) => ({ ...t, batchId: before.batchId, jobUid: before.jobUid })),
    ),
  )
  const noted = heldNoted(changes, scope.now)
  if (noted !== undefined) await tx.execute(noted)
  await recordChanges(tx, changes, byId, scope.now)
  await recordActivity(tx, changes.flatMap(outcomesOf), scope.now)
  return changes
}

function isChunk(row: TaskRow): row is ChunkRow {
  return row.objectCount !== null
}

type Contribution = Record<Exclude<FileState, 'pending'>, number> & { bytesIn: number; bytesOut: number }

/**
 * What a chunk contributes to its batch's counters; the counters are the sums over all chunks and files. A chunk whose
 * objects went on to successors contributes only those that ended in it.
 */
export function contributionOf(
  chunk: Pick<ChunkRow, 'state' | 'seq' | 'counted' | 'objectCount'>,
): Contribution {
  const counted = chunk.counted ?? noCounts
  const open = chunk.state === 'done' ? 0 : chunk.objectCount - settledIn(counted)
  return {
    queued: chunk.seq < 0 ? open : 0,
    processing: chunk.seq < 0 ? 0 : open,
    completed: counted.compressed + counted.kept + counted.skipped,
    failed: counted.failed,
    cancelled: counted.cancelled,
    bytesIn: counted.bytesIn,
    bytesOut: counted.bytesOut,
  }
}

const states = ['queued', 'processing', 'completed', 'failed', 'cancelled'] as const

/** The difference a change makes, as transitions of many objects at once. */
function transitionsOf({ before, after, successors }: ChunkChange): Transition[] {
  const old = contributionOf(before)
  const now = contributionOf(after)
  const { batchId } = before
  const moved = states.map((state) => ({
    batchId,
    fileId: null,
    from: null,
    to: state,
    count: now[state] - old[state],
  }))
  const taken = successors.reduce((sum, chunk) => sum + chunk.objects.length, 0)
  return [
    ...moved.filter(({ count }) => count !== 0),
    {
      batchId,
      fileId: null,
      from: null,
      to: 'queued',
      count: taken,
      bytesIn: now.bytesIn - old.bytesIn,
      bytesOut: now.bytesOut - old.bytesOut,
    },
  ]
}

/** What ended in a chunk since it was looked at last. How long each of its objects took is not known. */
function outcomesOf({ before, after }: ChunkChange): Outcome[] {
  const old = contributionOf(before)
  const now = contributionOf(after)
  const { tenantId } = after
  const bytes = { in: now.bytesIn - old.bytesIn, out: now.bytesOut - old.bytesOut }
  const outcomes: Outcome[] = [
    { tenantId, kind: 'completed', count: now.completed - old.completed, bytes },
    { tenantId, kind: 'failed', count: now.failed - old.failed, bytes: { in: 0, out: 0 } },
  ]
  return outcomes.filter((outcome) => 'count' in outcome && outcome.count !== 0)
}

async function recordChanges(
  tx: Database,
  changes: readonly ChunkChange[],
  batchesById: ReadonlyMap<string, BatchRow>,
  now: Date,
): Promise<void> {
  const transitions: Transition[] = []
  for (const [batchId, own] of Map.groupBy(changes, ({ before }) => before.batchId)) {
    const moves = own.flatMap(transitionsOf)
    transitions.push(...moves)
    const batch = batchesById.get(batchId)
    if (batch === undefined || !(await isProgressDue(tx, batchId, now))) continue
    transitions.push({ batchId, fileId: null, from: null, to: null, event: progressEvent(batch, moves) })
  }
  await recordTransitions(tx, transitions, now)
}

async function writeChunks(tx: Database, changes: readonly ChunkChange[]): Promise<void> {
  const rows = changes.map(({ after: c }) => ({ id: c.id, state: c.state, seq: c.seq, counted: c.counted }))
  // What has ended is in the ledger; the objects of a million chunks are most of the database.
  await tx.execute(sql`
    update tasks t set
      state = u.state, seq = u.seq, counted = u.counted,
      objects = case when u.state = 'done' then null else t.objects end,
      leased_until = case when u.state = 'done' then null else t.leased_until end,
      released_at = case when u.state = 'done' then null else t.released_at end,
      released_partition = case when u.state = 'done' then null else t.released_partition end
    from json_to_recordset(${asJson(rows)}) as u (id text, state text, seq smallint, counted jsonb)
    where t.id = u.id`)
}

async function insertSuccessors(tx: Database, changes: readonly ChunkChange[], now: Date): Promise<void> {
  let inserted = 0
  for (const { before, successors } of changes) {
    await insertChunks(tx, before, successors, now)
    inserted += successors.length
  }
  if (inserted > 0) await tx.execute(sql`select pg_notify('tasks', '')`)
}

/** Inserts chunks. Their ids are derived: whoever locks what they come from inserts them once. */
export async function insertChunks(
  tx: Database,
  owner: Pick<TaskRow, 'tenantId' | 'jobUid' | 'batchId' | 'priority' | 'traceparent'>,
  chunks: readonly NewChunk[],
  now: Date,
): Promise<void> {
  if (chunks.length === 0) return
  const rows = chunks.map((chunk) => ({
    id: chunk.id,
    attempt: chunk.attempt,
    failures: chunk.failures,
    cost: Math.round(chunk.cost),
    publish_at: chunk.publishAt,
    object_count: chunk.objects.length,
    objects: packObjects(chunk.objects).toString('base64'),
  }))
  await tx.execute(sql`
    insert into tasks (id, tenant_id, job_uid, batch_id, attempt, failures, cost, priority, publish_at, traceparent,
      created_at, object_count, objects)
    select c.id, ${owner.tenantId}, ${owner.jobUid}, ${owner.batchId}, c.attempt, c.failures, c.cost,
      ${owner.priority}::smallint, c.publish_at, ${owner.traceparent}, ${now.toISOString()}::timestamptz, c.object_count,
      decode(c.objects, 'base64')
    from json_to_recordset(${asJson(rows)}) as c (id text, attempt integer, failures integer, cost integer,
      publish_at timestamptz, object_count integer, objects text)`)
}
