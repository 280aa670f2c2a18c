import type { DeadLetter, HistoryEntry, JobTrouble, Report } from '../messages/index.ts'
import type { FileChange, FileRow, NewEvent } from '../store/index.ts'
import { type BackoffPolicy, backoffMs } from './backoff.ts'
import { holdsUp } from './holds-up.ts'

export interface RetryPolicy extends BackoffPolicy {
  maxAttempts: number
}

export interface FoldContext {
  policy: RetryPolicy
  now: Date
  random: () => number
}

export interface Folded {
  /** Absent when the reports change nothing. */
  change?: FileChange
  /** To be published; again when the report that failed the file comes again. */
  deadLetter?: DeadLetter
  /** Keys of outputs nobody wants: the file was cancelled, or completed with others. */
  unwanted: string[]
}

interface State {
  file: FileRow
  task: FileChange['task']
  event: NewEvent | undefined
  held: JobTrouble | null | undefined
  deadLetter: DeadLetter | undefined
  unwanted: string[]
}

/**
 * Folds the reports of one file into its row. Reports may come twice, late and out of order:
 *
 *     queued ──started──▶ processing ──completed──▶ completed
 *       ▲                     │ ──failed, or retry with no attempt left──▶ failed
 *       └──────retry──────────┘
 *
 * Higher (attempt, seq) wins; `completed` counts at any attempt while the file has not ended; nothing leaves completed
 * or cancelled, and only a retry call leaves failed. Several reports in one fold make one event, the last state's.
 */
export function foldReports(before: FileRow, reports: readonly Report[], context: FoldContext): Folded {
  const state: State = {
    file: before,
    task: 'unchanged',
    event: undefined,
    held: undefined,
    deadLetter: undefined,
    unwanted: [],
  }
  const ordered = [...reports].sort((a, b) => a.attempt - b.attempt || a.seq - b.seq)
  for (const report of ordered) apply(state, report, context)
  const { file: after, task, event, held, deadLetter, unwanted } = state
  const change = { before, after, task, ...(event && { event }), ...(held !== undefined && { held }) }
  return {
    ...(after !== before && { change }),
    ...(deadLetter && { deadLetter }),
    unwanted,
  }
}

function apply(state: State, report: Report, context: FoldContext): void {
  if (report.kind === 'completed') complete(state, report)
  else if (report.kind === 'started') start(state, report)
  else if (!isNews(state.file, report)) repeatDeadLetter(state, report)
  else if (report.kind === 'retry') retry(state, report, context)
  else fail(state, report)
}

const isOpen = (file: FileRow) => file.state === 'queued' || file.state === 'processing'

function isNews(file: FileRow, report: Report): boolean {
  if (!isOpen(file)) return false
  return report.attempt > file.attempt || (report.attempt === file.attempt && report.seq > file.seq)
}

function start(state: State, report: Report): void {
  const { file } = state
  if (!isNews(file, report)) return
  const { attempt, seq } = report
  state.file = { ...file, state: 'processing', attempt, seq, startedAt: new Date(report.at) }
  state.event = { type: 'file.started', data: { name: file.name, state: 'processing', attempt } }
}

function complete(state: State, report: Report & { kind: 'completed' }): void {
  const { file } = state
  const { result, attempt } = report
  // A failed file's retry would write the same keys, perhaps before they were deleted: they go with the file.
  if (file.state === 'failed') return
  if (!isOpen(file)) {
    const kept = new Set([file.uploadKey, ...(file.result?.outputs ?? []).map((o) => o.key)])
    state.unwanted.push(...result.outputs.map((o) => o.key).filter((key) => !kept.has(key)))
    return
  }
  state.file = {
    ...file,
    state: 'completed',
    attempt: Math.max(attempt, file.attempt),
    seq: 1,
    size: result.bytesIn,
    type: result.type,
    result,
    errorCode: null,
    errorMessage: null,
    finishedAt: new Date(report.at),
  }
  state.task = 'done'
  state.held = null
  state.event = {
    type: 'file.completed',
    data: { name: file.name, state: 'completed', attempt, size: result.bytesIn, result },
  }
}

function retry(state: State, report: Report & { kind: 'retry' }, { policy, now, random }: FoldContext): void {
  const { file } = state
  const { code, message } = report.error
  if (holdsUp(code, !report.countsAttempt)) state.held = { code, message, at: report.at }
  const failures = file.failures + (report.countsAttempt ? 1 : 0)
  if (failures >= policy.maxAttempts) {
    state.file = { ...file, failures }
    fail(state, report)
    return
  }
  const history = [...file.history, historyEntry(report)]
  // Attempts that do not count wait too, longer each time: a full disk may stay so for days.
  const waits = report.countsAttempt ? failures : history.length
  const publishAt = new Date(now.getTime() + backoffMs(waits, policy, random))
  const attempt = report.attempt + 1
  state.file = {
    ...file,
    state: 'queued',
    attempt,
    seq: -1,
    failures,
    history,
    queuedAt: publishAt,
    startedAt: null,
  }
  state.task = { publishAt }
  state.event = {
    type: 'file.retrying',
    data: {
      name: file.name,
      state: 'queued',
      attempt,
      error: report.error,
      retryAt: publishAt.toISOString(),
    },
  }
}

function fail(state: State, report: Report & { kind: 'retry' | 'failed' }): void {
  const { file } = state
  const { error, attempt } = report
  state.file = {
    ...file,
    state: 'failed',
    attempt,
    seq: 1,
    errorCode: error.code,
    errorMessage: error.message,
    history: [...file.history, historyEntry(report)],
    finishedAt: new Date(report.at),
  }
  state.task = 'done'
  state.event = { type: 'file.failed', data: { name: file.name, state: 'failed', attempt, error } }
  state.deadLetter = deadLetterOf(state.file, error, report.at)
}

/**
 * The process may have died between the commit that failed the file and the publication of its dead letter; the report
 * then comes again and finds the file failed by itself.
 */
function repeatDeadLetter(state: State, report: Report & { kind: 'retry' | 'failed' }): void {
  const { file } = state
  if (file.state !== 'failed' || file.attempt !== report.attempt || file.errorCode === null) return
  const error = { code: file.errorCode, message: file.errorMessage ?? '' }
  state.deadLetter = deadLetterOf(file, error, report.at)
}

function historyEntry({ attempt, at, worker, error }: Report & { kind: 'retry' | 'failed' }): HistoryEntry {
  return { attempt, at, worker, ...error }
}

function deadLetterOf(file: FileRow, error: DeadLetter['error'], at: string): DeadLetter {
  const { id: fileId, batchId, tenantId, jobUid, name, attempt: attempts, history } = file
  return { fileId, batchId, tenantId, jobUid, name, attempts, error, history, at }
}
