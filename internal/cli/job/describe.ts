import { formatBytes, formatCount, formatDuration, formatSaved, printable } from '../terminal/format.ts'
import type { Style } from '../terminal/output.ts'
import { renderTable } from '../terminal/table.ts'
import type { Job } from './cluster.ts'
import { doneOf, shortAge, stateOf } from './list.ts'
import { renderSummary } from './render-estimate.ts'

/** Conditions whose being true is bad news. */
const bad = new Set(['Degraded', 'Failed', 'Throttled', 'PartitionBound'])

/** A job for people, line by line. */
export function renderJob(job: Job, { now, style }: { now: Date; style: Style }): string[] {
  const { metadata, status = {} } = job
  const age = metadata.creationTimestamp && shortAge(now.getTime() - Date.parse(metadata.creationTimestamp))
  return [
    `${style.bold(`${metadata.namespace}/${metadata.name}`)}  ${stateOf(job)}${age ? `, ${age} old` : ''}`,
    ...section('Source', [sourceOf(job)]),
    ...section('Estimate', renderSummary(status.estimate)),
    ...section('Files', filesOf(job)),
    ...section('Workers', workersOf(job)),
    ...section('Decision', decisionOf(job, now)),
    ...section(
      'Failures',
      (status.topFailures ?? []).map(
        (one) => `${formatCount(one.count)} × ${one.code}, as ${printable(one.example)}`,
      ),
    ),
    ...section(
      'Conditions',
      renderTable(
        [left(''), left(''), left(''), left(''), left('')],
        (status.conditions ?? []).map(({ type, status: is, reason, message }) => {
          const wrong = bad.has(type) ? is === 'True' : type === 'Ready' && is === 'False'
          return [wrong ? '!' : '', type, is, reason, printable(message)]
        }),
      ).slice(1),
    ),
  ]
}

const left = (title: string) => ({ title, align: 'left' as const })

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)]
}

function sourceOf({ spec: { source, output } }: Job): string {
  const place = (given: { bucket: string; prefix?: string | undefined }) =>
    `s3://${given.bucket}/${given.prefix ?? ''}`
  const from =
    source?.s3 !== undefined
      ? place(source.s3)
      : source?.csv !== undefined
        ? 'a CSV file'
        : source?.urls !== undefined
          ? 'a list of URLs'
          : 'what clients send'
  return output?.s3 === undefined ? from : `${from} → ${place(output.s3)}`
}

function filesOf(job: Job): string[] {
  const { files, bytes, throughput, estimatedCompletionTime } = job.status ?? {}
  if (files === undefined) return []
  const open = (files.queued ?? 0) + (files.processing ?? 0)
  const counts = [
    `${formatCount(files.found ?? 0)} found`,
    `${formatCount(doneOf(job) ?? 0)} done`,
    `${formatCount(open)} open`,
    `${formatCount(files.failed ?? 0)} failed`,
  ]
  const kept = [
    ...(files.kept ? [`${formatCount(files.kept)} kept as they were`] : []),
    ...(files.skipped ? [`${formatCount(files.skipped)} skipped`] : []),
  ]
  return [
    counts.join(', '),
    ...(kept.length > 0 ? [`of those done: ${kept.join(', ')}`] : []),
    ...(bytes?.in
      ? [
          `${formatBytes(bytes.in)} → ${formatBytes(bytes.out ?? 0)}, ${formatSaved(bytes.in, bytes.out ?? 0)} saved`,
        ]
      : []),
    ...(throughput?.filesPerSecond ? [`${throughput.filesPerSecond.toFixed(1)} files a second`] : []),
    ...(estimatedCompletionTime ? [`done at about ${estimatedCompletionTime}`] : []),
  ]
}

function workersOf({ spec, status }: Job): string[] {
  const { replicas, lag } = status ?? {}
  if (replicas === undefined) return []
  const most = spec.scaling?.maxReplicas
  const fixed = spec.scaling?.replicas
  return [
    `${replicas.ready ?? 0} ready of ${replicas.desired ?? 0}${most === undefined ? '' : `, at most ${most}`}${fixed === undefined ? '' : `; frozen at ${fixed}`}`,
    ...(lag === undefined
      ? []
      : [
          `${formatCount(lag.records ?? 0)} records wait${lag.workSeconds ? `, about ${formatDuration(lag.workSeconds * 1000)} of one slot` : ''}`,
        ]),
  ]
}

function decisionOf({ status }: Job, now: Date): string[] {
  const last = status?.lastDecision
  if (last === undefined) return []
  const terms = Object.entries(last.terms ?? {}).map(
    ([name, value]) => `${name} ${Number(value.toPrecision(4))}`,
  )
  return [
    last.reason,
    `${shortAge(now.getTime() - Date.parse(last.at))} ago${terms.length > 0 ? `, from ${terms.join(', ')}` : ''}`,
  ]
}
