import { formatBytes, formatCount, formatDuration, formatSaved } from '../terminal/format.ts'
import { renderTable } from '../terminal/table.ts'
import type { Job } from './cluster.ts'

const left = (title: string) => ({ title, align: 'left' as const })
const right = (title: string) => ({ title, align: 'right' as const })

/** One line a job, under titles. */
export function renderList(
  jobs: readonly Job[],
  { now, withNamespace }: { now: Date; withNamespace: boolean },
) {
  const columns = [
    ...(withNamespace ? [left('NAMESPACE')] : []),
    left('NAME'),
    left('STATE'),
    right('FOUND'),
    right('DONE'),
    right('FAILED'),
    right('SAVED'),
    right('LAG'),
    right('WORKERS'),
    right('AGE'),
  ]
  return renderTable(
    columns,
    jobs.map((job) => {
      const { metadata, status } = job
      const { files, bytes, lag, replicas } = status ?? {}
      const age = metadata.creationTimestamp && now.getTime() - Date.parse(metadata.creationTimestamp)
      return [
        ...(withNamespace ? [metadata.namespace ?? ''] : []),
        metadata.name,
        stateOf(job),
        number(files?.found),
        number(doneOf(job)),
        number(files?.failed),
        bytes?.in
          ? `${formatBytes(bytes.in - (bytes.out ?? 0))} ${formatSaved(bytes.in, bytes.out ?? 0)}`
          : '-',
        number(lag?.records),
        replicas === undefined ? '-' : `${replicas.ready ?? 0}/${replicas.desired ?? 0}`,
        age ? shortAge(age) : '-',
      ]
    }),
  )
}

/** Files that came to a result: compressed, kept or skipped. */
export function doneOf({ status }: Job): number | undefined {
  const files = status?.files
  return files && (files.completed ?? 0) + (files.kept ?? 0) + (files.skipped ?? 0)
}

/** The one word that says most about a job. */
export function stateOf({ metadata, spec, status }: Job): string {
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type)
  if (metadata.deletionTimestamp !== undefined) return 'Deleting'
  for (const type of ['Complete', 'Failed']) if (condition(type)?.status === 'True') return type
  const ready = condition('Ready')
  if (ready === undefined) return 'New'
  if (ready.status !== 'True') return ready.reason
  if (spec.suspend === true) return 'Suspended'
  if (condition('Degraded')?.status === 'True') return 'Degraded'
  return condition('Progressing')?.reason ?? 'Ready'
}

function number(value: number | undefined): string {
  return value === undefined ? '-' : formatCount(value)
}

/** The greatest unit alone, as kubectl has it. */
export function shortAge(ms: number): string {
  const hours = Math.floor(ms / 3_600_000)
  if (hours >= 48) return `${Math.floor(hours / 24)} d`
  return hours >= 1 ? `${hours} h` : formatDuration(Math.max(0, ms))
}
