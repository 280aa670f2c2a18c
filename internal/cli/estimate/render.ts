import type { Estimate, Example, Group, Interval, Money } from '../../estimate/index.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatSaved,
  plural,
  printable,
} from '../terminal/format.ts'
import type { Style } from '../terminal/output.ts'
import { reasonText } from '../terminal/reasons.ts'
import { type Column, renderTable } from '../terminal/table.ts'

export interface EstimateFacts {
  /** What was estimated, as it was given. */
  shown: string
  /** Not looked into, by why. */
  skipped: ReadonlyMap<string, number>
}

/** Sub-prefixes shown; JSON has them all. */
const mostFolders = 12

/** An estimate for people. */
export function renderEstimate(estimate: Estimate, facts: EstimateFacts, style: Style): string[] {
  const { found, byPrefix, byType } = estimate
  if (found.files === 0) return ['There are no files to compress.', ...notes(estimate, facts)]
  return [
    '',
    ...table('type', byType, estimate, style),
    '',
    ...(byPrefix.length > 1 ? [...table('below', byPrefix, estimate, style), ''] : []),
    style.bold(verdict(estimate)),
    `  ${basis(estimate, facts)}`,
    `  ${time(estimate)}`,
    ...money(estimate.money).map((line) => `  ${line}`),
    ...notes(estimate, facts),
    ...examples('Best', estimate.examples.best, style),
    ...examples('Worst', estimate.examples.worst, style),
  ]
}

const columns: Omit<Column, 'title'>[] = [
  { align: 'left' },
  { align: 'right' },
  { align: 'right' },
  { align: 'right' },
  { align: 'right' },
  { align: 'left' },
  { align: 'right' },
]
const titles = ['files', 'in', 'would save', '', '95 % between', 'looked at']

function table(name: string, groups: readonly Group[], estimate: Estimate, style: Style): string[] {
  const shown = groups.slice(0, mostFolders)
  const rows: (string[] | undefined)[] = shown.map(row)
  if (groups.length > 1) {
    const { found, saved, sample } = estimate
    rows.push(undefined, row({ name: 'total', ...found, saved, sampled: sample.files }))
  }
  const [head = '', ...body] = renderTable(
    columns.map((column, index) => ({ ...column, title: index === 0 ? name : (titles[index - 1] ?? '') })),
    rows,
  )
  const more = groups.length - shown.length
  return [
    style.dim(head),
    ...body.map((line, index) => (rows[index] === undefined ? style.dim(line) : line)),
    ...(more > 0 ? [style.dim(`… and ${formatCount(more)} more; --json has all`)] : []),
  ]
}

function row({ name, files, bytes, saved, sampled }: Group): string[] {
  return [
    printable(name),
    formatCount(files),
    formatBytes(bytes),
    formatBytes(saved.value),
    share(saved.value, bytes),
    `${share(saved.low, bytes)} – ${share(saved.high, bytes)}`,
    formatCount(sampled),
  ]
}

function share(saved: number, bytes: number): string {
  return formatSaved(bytes, bytes - saved)
}

function verdict({ saved, found: { bytes } }: Estimate): string {
  const { value, low, high } = saved
  if (high === 0) return 'Nothing would be saved.'
  const range =
    low === high ? 'exactly' : `between ${formatBytes(low)} and ${formatBytes(high)} with 95 % confidence`
  return `${formatBytes(value)} would be saved (${share(value, bytes)}), ${range}`
}

function basis({ sample, found }: Estimate, { shown }: EstimateFacts): string {
  const seen = `${plural(found.files, 'file')}, ${formatBytes(found.bytes)}, in ${printable(shown)}`
  return sample.files === found.files
    ? `${seen}: all were looked at`
    : `${seen}: ${formatCount(sample.files)} were looked at (seed ${sample.seed})`
}

function time({ coreSeconds, duration: { replicas, slots, seconds } }: Estimate): string {
  const by = `${plural(replicas, 'worker')} of ${plural(slots, 'slot')}`
  return `${formatDuration(coreSeconds.value * 1000)} of one core (${range(coreSeconds)}); with ${by} about ${formatDuration(seconds.value * 1000)}`
}

function range({ low, high }: Interval): string {
  return `${formatDuration(low * 1000)} – ${formatDuration(high * 1000)}`
}

function money(money: Money): string[] {
  const { monthlySavings: monthly, upfront, paybackMonths: payback } = money
  const parts = [
    `requests ${usd(money.requests)}`,
    `compute ${usd(money.compute.value)}`,
    ...(money.retrieval > 0 ? [`reading ${usd(money.retrieval)}`] : []),
    ...(money.earlyDeletion > 0 ? [`early deletion ${usd(money.earlyDeletion)}`] : []),
    ...(money.oldVersions > 0 ? [`old versions ${usd(money.oldVersions)}`] : []),
  ]
  return [
    `${usd(monthly.value)} a month (${usd(monthly.low)} – ${usd(monthly.high)}) once originals are removed; until then outputs cost ${usd(money.monthlyWhileBothAreKept)} a month more`,
    `${usd(upfront.value)} once: ${parts.join(', ')}`,
    ...(payback === undefined ? [] : [`paid back after ${months(payback)}`]),
    ...(money.oldVersions === 0 && money.oldVersionsPerDay >= 0.005
      ? [
          `where versions are kept, removed originals cost ${usd(money.oldVersionsPerDay)} more each day until they expire`,
        ]
      : []),
  ]
}

function months({ value, best, worst }: NonNullable<Money['paybackMonths']>): string {
  const last = worst === undefined ? 'or never' : `– ${one(worst)}`
  return `${one(value)} months (${one(best)} ${last})`
}

const tenths = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })

function one(value: number): string {
  return tenths.format(value)
}

const cents = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' })
const fractions = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  maximumSignificantDigits: 2,
})

function usd(amount: number): string {
  return (amount > 0 && amount < 0.1 ? fractions : cents).format(amount)
}

function notes({ found, sample, outcomes, failures }: Estimate, { skipped }: EstimateFacts): string[] {
  const lines: string[] = []
  if (found.empty > 0) lines.push(`${plural(found.empty, 'file')} empty`)
  for (const [why, count] of skipped) lines.push(`${plural(count, 'file')} left out: ${reasonText(why)}`)
  if (sample.unreadable > 0)
    lines.push(`${plural(sample.unreadable, 'file')} of the sample could not be read`)
  if (outcomes.failed > 0) {
    lines.push(`about ${plural(outcomes.failed, 'file')} would fail:`)
    for (const { code, sampled, example } of failures) {
      lines.push(`  ${formatCount(sampled)} of the sample with ${code}, for example ${printable(example)}`)
    }
  }
  return lines.map((line) => `  ${line}`)
}

function examples(title: string, list: readonly Example[], style: Style): string[] {
  if (list.length === 0) return []
  const rows = list.map(({ path, bytesIn, bytesOut, outcome, reason, score }) => [
    `  ${printable(path)}`,
    formatBytes(bytesIn),
    formatBytes(bytesOut),
    formatSaved(bytesIn, bytesOut),
    outcome === 'compressed' ? (score === undefined ? '' : `score ${score.toFixed(0)}`) : reasonText(reason),
  ])
  const plain = { title: '', align: 'left' } as const
  const number = { title: '', align: 'right' } as const
  const lines = renderTable(
    [plain, { title: 'before', align: 'right' }, { title: 'after', align: 'right' }, number, plain],
    rows,
  )
  const [head = '', ...body] = lines
  return ['', `${title}${style.dim(head.slice(title.length))}`, ...body]
}
