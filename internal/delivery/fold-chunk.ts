import { isThrottled } from '../errors/index.ts'
import {
  type ChunkCounts,
  type ChunkDeadLetter,
  type ChunkObject,
  type ChunkOutcome,
  type ChunkReport,
  type JobTrouble,
  noCounts,
  settledIn,
} from '../messages/index.ts'
import {
  type BatchRow,
  type ChunkChange,
  type ChunkRow,
  derivedId,
  type NewChunk,
  type TallyDelta,
  unpackObjects,
} from '../store/index.ts'
import { backoffMs } from './backoff.ts'
import type { FoldContext } from './fold.ts'
import { holdsUp } from './holds-up.ts'

export interface FoldedChunk {
  /** Absent when the reports change nothing. */
  change?: ChunkChange
  /** To be published; again when the report that failed objects comes again. */
  deadLetter?: ChunkDeadLetter
  /** An outcome that does not account for every object: believing it would leave the counters wrong for ever. */
  disbelieved?: ChunkOutcome
}

/** Parts a chunk is divided into when its workers died over it: 64 objects come down to one in two steps. */
export const splitParts = 8

/**
 * Folds the reports of one chunk into its row. Reports may come twice, late and out of order:
 *
 *     waiting ──progress──▶ in hand ──outcome──▶ done, what failed for now in a successor
 *        └──────────────────────┴──────split──▶ done, everything in successors
 *
 * Progress only ever adds: a worker that begins again after a crash counts from zero and says nothing new until it is
 * further than its predecessor. The first outcome (or split) is the truth and replaces whatever progress said. An
 * outcome that comes after the chunk was cancelled still counts: those objects have their outputs.
 */
export function foldChunkReports(
  before: ChunkRow,
  batch: Pick<BatchRow, 'state'>,
  reports: readonly ChunkReport[],
  context: FoldContext,
): FoldedChunk {
  const own = reports.filter((report) => report.attempt === before.attempt)
  const disbelieved = own.find((report) => report.kind === 'chunk.outcome' && !accountsFor(before, report))
  const believed = own.filter((report) => report.kind !== 'chunk.outcome' || accountsFor(before, report))
  const outcome = believed.find((report) => report.kind === 'chunk.outcome')
  const deadLetter = outcome && outcome.counts.failed > 0 ? deadLetterOf(before, outcome) : undefined
  const change = changeBy(before, batch, believed, context)
  return {
    ...(change && { change }),
    ...(deadLetter && { deadLetter }),
    ...(disbelieved?.kind === 'chunk.outcome' && { disbelieved }),
  }
}

function accountsFor(chunk: ChunkRow, { counts, retry }: ChunkOutcome): boolean {
  return settledIn(counts) + retry.failed.length + retry.throttled.length === chunk.objectCount
}

function changeBy(
  before: ChunkRow,
  batch: Pick<BatchRow, 'state'>,
  reports: readonly ChunkReport[],
  context: FoldContext,
): ChunkChange | undefined {
  if (before.seq === 1) return undefined
  const end = reports.find((report) => report.kind !== 'chunk.progress')
  if (end?.kind === 'chunk.outcome') return conclude(before, batch, end, context)
  if (before.state === 'done') return undefined
  if (end?.kind === 'chunk.split') return split(before, context)
  return advance(before, reports)
}

function advance(before: ChunkRow, reports: readonly ChunkReport[]): ChunkChange | undefined {
  const said = reports.filter((report) => report.kind === 'chunk.progress')
  if (said.length === 0) return undefined
  let { counted } = before
  for (const report of said) {
    // The last object's end is told by the outcome: progress never completes a batch.
    const settled = settledIn(report.counts)
    if (settled < before.objectCount && settled > settledIn(counted ?? noCounts)) counted = report.counts
  }
  if (before.seq === 0 && counted === before.counted) return undefined
  return { before, after: { ...before, seq: 0, counted }, successors: [], tallies: [] }
}

function conclude(
  before: ChunkRow,
  batch: Pick<BatchRow, 'state'>,
  report: ChunkOutcome,
  context: FoldContext,
): ChunkChange {
  const { failed, throttled } = report.retry
  const again = failed.length + throttled.length
  const wanted = batch.state !== 'cancelled' && before.objects !== null
  const counted = wanted ? report.counts : { ...report.counts, cancelled: report.counts.cancelled + again }
  const after: ChunkRow = { ...before, state: 'done', seq: 1, counted, objects: null }
  const successors = wanted
    ? [
        ...successorOf(before, { part: 'retry', indexes: failed, failures: before.failures + 1 }, context),
        ...successorOf(before, { part: 'throttled', indexes: throttled, failures: before.failures }, context),
      ]
    : []
  return { before, after, successors, tallies: talliesOf(report.counts, report), held: heldBy(report) }
}

function heldBy({ retry: { codes, throttled }, at }: ChunkOutcome): JobTrouble | null {
  const held =
    codes.find(({ code }) => isThrottled(code)) ??
    codes.find(({ code }) => holdsUp(code, throttled.length > 0))
  return held === undefined ? null : { code: held.code, message: held.example.message, at }
}

function successorOf(
  before: ChunkRow,
  { part, indexes, failures }: { part: string; indexes: readonly number[]; failures: number },
  { policy, now, random }: FoldContext,
): NewChunk[] {
  if (indexes.length === 0 || before.objects === null) return []
  const objects = unpackObjects(before.objects)
  // A throttled attempt still waits, as after a first failure.
  const wait = backoffMs(Math.max(1, failures), policy, random)
  const chosen = indexes.flatMap((index) => objects[index] ?? [])
  return [newChunk(before, part, chosen, failures, new Date(now.getTime() + wait))]
}

function split(before: ChunkRow, { now }: FoldContext): ChunkChange | undefined {
  if (before.objects === null || before.objectCount < 2) return undefined
  const objects = unpackObjects(before.objects)
  const size = Math.ceil(objects.length / splitParts)
  const successors: NewChunk[] = []
  for (let from = 0; from < objects.length; from += size) {
    const part = objects.slice(from, from + size)
    successors.push(newChunk(before, `part-${from}`, part, before.failures, now))
  }
  const after: ChunkRow = { ...before, state: 'done', seq: 1, counted: noCounts, objects: null }
  return { before, after, successors, tallies: [] }
}

function newChunk(
  before: ChunkRow,
  part: string,
  objects: readonly ChunkObject[],
  failures: number,
  publishAt: Date,
): NewChunk {
  return {
    id: derivedId(before.id, part),
    attempt: before.attempt + 1,
    failures,
    objects,
    cost: (before.cost * objects.length) / before.objectCount,
    publishAt,
  }
}

function talliesOf(counts: ChunkCounts, report: ChunkOutcome): TallyDelta[] {
  const outcomes = [
    { name: 'compressed', files: counts.compressed },
    { name: 'kept_original', files: counts.kept },
    { name: 'skipped', files: counts.skipped },
    { name: 'failed', files: counts.failed },
  ]
  return [
    ...outcomes.filter(({ files }) => files > 0).map((outcome) => ({ kind: 'outcome' as const, ...outcome })),
    ...report.reasons.map(({ reason, count }) => ({ kind: 'reason' as const, name: reason, files: count })),
    ...report.failures.map(({ code, count, example }) => ({
      kind: 'failure' as const,
      name: code,
      files: count,
      example,
    })),
    ...report.efforts.map(({ type, ...effort }) => ({ kind: 'type' as const, name: type, ...effort })),
  ]
}

function deadLetterOf(row: ChunkRow, { failures, ledger, at }: ChunkOutcome): ChunkDeadLetter {
  const { id: taskId, batchId, tenantId, jobUid, attempt } = row
  return { taskId, batchId, tenantId, jobUid, attempt, failures, ledger, at }
}
