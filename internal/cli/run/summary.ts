import {
  formatBytes,
  formatCount,
  formatDuration,
  formatSaved,
  plural,
  printable,
} from '../terminal/format.ts'
import type { Style } from '../terminal/output.ts'
import { reasonNote } from '../terminal/reasons.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import type { Counts, Tally } from './tally.ts'

export interface SummaryFacts {
  tally: Tally
  elapsedMs: number
  /** Where outputs went, as users should read it. */
  destinations: readonly string[]
  interrupted: boolean
  /** The whole list of failures, for those that are not shown. */
  journals: readonly string[]
}

const columns: Column[] = [
  { title: 'type', align: 'left' },
  { title: 'files', align: 'right' },
  { title: 'in', align: 'right' },
  { title: 'out', align: 'right' },
  { title: 'saved', align: 'right' },
  { title: 'compressed', align: 'right' },
  { title: 'kept', align: 'right' },
  { title: 'skipped', align: 'right' },
  { title: 'failed', align: 'right' },
]

/** What a run came to, for people: the table by type, what is worth knowing, the failures. */
export function renderSummary(facts: SummaryFacts, style: Style): string[] {
  const { tally } = facts
  if (tally.total.files === 0) {
    return [
      facts.interrupted ? 'Interrupted before anything was done.' : 'There are no files to compress.',
      ...notes(facts),
    ]
  }
  return [
    '',
    ...savingsTable(tally, style),
    '',
    ...closing(facts, style),
    ...notes(facts),
    ...failures(facts, style),
  ]
}

function savingsTable(tally: Tally, style: Style): string[] {
  const types = [...tally.byType].sort(([, a], [, b]) => b.bytesIn - a.bytesIn || b.files - a.files)
  const rows: (string[] | undefined)[] = types.map(([type, counts]) => row(type, counts))
  if (types.length > 1) rows.push(undefined, row('total', tally.total))
  const [head = '', ...body] = renderTable(columns, rows)
  return [style.dim(head), ...body.map((line, index) => (rows[index] === undefined ? style.dim(line) : line))]
}

function row(type: string, counts: Counts): string[] {
  const orNothing = (count: number) => (count === 0 ? '·' : formatCount(count))
  // Of files that all failed there is nothing to compare.
  const sized = counts.failed < counts.files
  return [
    type,
    formatCount(counts.files),
    ...(sized
      ? [
          formatBytes(counts.bytesIn),
          formatBytes(counts.bytesOut),
          formatSaved(counts.bytesIn, counts.bytesOut),
        ]
      : ['·', '·', '·']),
    orNothing(counts.compressed),
    orNothing(counts.kept),
    orNothing(counts.skipped),
    orNothing(counts.failed),
  ]
}

function closing({ tally, elapsedMs, destinations, interrupted }: SummaryFacts, style: Style): string[] {
  const { bytesIn, bytesOut } = tally.total
  const saved = bytesIn - bytesOut
  const share = formatSaved(bytesIn, bytesOut)
  const verdict = saved > 0 ? `${formatBytes(saved)} saved (${share})` : 'Nothing saved'
  const where = destinations.map((name) => printable(name)).join(', ')
  return [
    `${style.bold(verdict)} in ${formatDuration(elapsedMs)}. Output: ${where}`,
    ...(interrupted ? [style.bold('Interrupted: run the same command again to go on from here.')] : []),
  ]
}

const ignoredTexts = {
  junk: (n: number) => `${plural(n, 'junk file')} left out (.DS_Store and the like)`,
  link: (n: number) => `${plural(n, 'symbolic link')} not followed`,
  special: (n: number) => `${plural(n, 'socket, pipe or device', 'sockets, pipes and devices')} left out`,
  own: (n: number) => `${plural(n, 'output folder')} of kompressor left out`,
}

function notes({ tally }: SummaryFacts): string[] {
  const lines: string[] = []
  if (tally.earlier > 0) lines.push(`${plural(tally.earlier, 'file')} done by an earlier run`)
  for (const [reason, count] of tally.reasons) lines.push(`${plural(count, 'file')} ${reasonNote(reason)}`)
  for (const [why, count] of tally.ignored) lines.push(ignoredTexts[why](count))
  return lines.map((line) => `  ${line}`)
}

function failures({ tally, journals }: SummaryFacts, style: Style): string[] {
  if (tally.total.failed === 0) return []
  const lines = [
    '',
    style.red(
      `${plural(tally.total.failed, 'file')} failed and ${tally.total.failed === 1 ? 'has' : 'have'} no output:`,
    ),
  ]
  for (const { path, code, message } of tally.failures) {
    lines.push(`  ${printable(path)}  ${style.dim(code)}`, `      ${printable(message)}`)
  }
  const more = tally.total.failed - tally.failures.length
  if (more > 0) {
    lines.push(
      `  … and ${plural(more, 'more', 'more')}; all are in ${journals.map((name) => printable(name)).join(', ')}`,
    )
    const codes = [...tally.failuresByCode].map(([code, count]) => `${formatCount(count)} ${code}`)
    lines.push(`  by code: ${codes.join(', ')}`)
  }
  return lines
}
