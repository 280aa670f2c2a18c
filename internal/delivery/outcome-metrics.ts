import type { ChunkReport, Report } from '../messages/index.ts'
import type { ChunkChange, FileChange, FileRow } from '../store/index.ts'
import type { Metrics } from '../telemetry/index.ts'

/** Counts what a fold made of a file. At-least-once delivery makes no difference: a change is committed once. */
export function recordOutcome(metrics: Metrics, { before, after }: FileChange): void {
  if (after.startedAt !== null && after.startedAt !== before.startedAt && after.queuedAt !== null) {
    metrics.queueWaitSeconds.observe(secondsBetween(after.queuedAt, after.startedAt))
  }
  if (after.state === 'completed') recordCompleted(metrics, after)
  else if (after.state === 'failed' && after.errorCode !== null)
    metrics.failures.inc({ code: after.errorCode })
  else if (after.state === 'queued') {
    const last = after.history.at(-1)
    if (last !== undefined) metrics.retries.inc({ code: last.code })
  }
  if (after.finishedAt !== null)
    metrics.endToEndSeconds.observe(secondsBetween(after.createdAt, after.finishedAt))
}

/** Counts what a fold made of a chunk's end; progress is counted with it. */
export function recordChunkOutcome(
  metrics: Metrics,
  { before, after }: ChunkChange,
  reports: readonly (Report | ChunkReport)[],
): void {
  if (after.seq !== 1) return
  const report = reports.find(
    (r) => r.kind === 'chunk.outcome' && r.taskId === before.id && r.attempt === before.attempt,
  )
  if (report?.kind !== 'chunk.outcome') return
  const { counts, failures, retry } = report
  metrics.bytesIn.inc(counts.bytesIn)
  metrics.bytesOut.inc(counts.bytesOut)
  metrics.bytesSaved.inc(Math.max(0, counts.bytesIn - counts.bytesOut))
  for (const { code, count } of failures) metrics.failures.inc({ code }, count)
  for (const { code, count } of retry.codes) metrics.retries.inc({ code }, count)
}

function recordCompleted(metrics: Metrics, { result }: FileRow): void {
  if (result === null) return
  metrics.bytesIn.inc(result.bytesIn)
  metrics.bytesOut.inc(result.bytesOut)
  metrics.bytesSaved.inc(Math.max(0, result.bytesIn - result.bytesOut))
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1000
}
