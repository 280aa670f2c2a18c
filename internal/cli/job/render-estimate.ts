import type { EstimateSummary } from '../../estimate/index.ts'
import { formatBytes, formatCount, formatSaved, printable } from '../terminal/format.ts'
import { reasonText } from '../terminal/reasons.ts'
import { renderTable } from '../terminal/table.ts'

type Part = NonNullable<EstimateSummary['byType']>[number]
type Example = NonNullable<EstimateSummary['best']>[number]

const left = (title: string) => ({ title, align: 'left' as const })
const right = (title: string) => ({ title, align: 'right' as const })

/** What a job of mode Estimate found, line by line; nothing of one that has not found anything yet. */
export function renderSummary(estimate: EstimateSummary | undefined): string[] {
  if (estimate?.bytesSaved === undefined) return []
  const { files = 0, bytes = 0, sampled = 0, bytesSaved, low = 0, high = 0 } = estimate
  const { coreHours, duration, monthlySavings, costs, byType = [], byPrefix = [] } = estimate
  const money = [
    ...(monthlySavings === undefined ? [] : [`$${monthlySavings} a month once originals are removed`]),
    ...(costs === undefined ? [] : [`$${costs} once`]),
  ]
  return [
    `${formatBytes(bytesSaved)} of ${formatBytes(bytes)} would be saved: ${range({ bytes, bytesSaved, low, high })} with 95 % confidence`,
    `${formatCount(files)} files, ${formatCount(sampled)} of them were looked at`,
    ...(coreHours === undefined
      ? []
      : [`${coreHours} core-hours${duration ? `, ${duration} at most workers` : ''}`]),
    ...(money.length > 0 ? [money.join(', ')] : []),
    ...table('type', byType),
    ...(byPrefix.length > 1 ? table('below', byPrefix) : []),
    ...examples('best', estimate.best),
    ...examples('worst', estimate.worst),
  ]
}

function range({
  bytes,
  bytesSaved,
  low,
  high,
}: Pick<Part, 'bytes' | 'bytesSaved' | 'low' | 'high'>): string {
  const share = (saved: number) => formatSaved(bytes, bytes - saved)
  return `${share(bytesSaved)}, ${share(low)} – ${share(high)}`
}

function table(name: string, parts: readonly Part[]): string[] {
  if (parts.length === 0) return []
  return renderTable(
    [left(name), right('files'), right('in'), right('would save'), left('95 % between'), right('looked at')],
    parts.map((part) => [
      printable(part.name),
      formatCount(part.files),
      formatBytes(part.bytes),
      formatBytes(part.bytesSaved),
      range(part),
      formatCount(part.sampled),
    ]),
  )
}

function examples(name: string, list: readonly Example[] = []): string[] {
  if (list.length === 0) return []
  return renderTable(
    [left(name), right('before'), right('after'), right(''), left('')],
    list.map(({ path, bytesIn, bytesOut, score, reason }) => [
      printable(path),
      formatBytes(bytesIn),
      formatBytes(bytesOut),
      formatSaved(bytesIn, bytesOut),
      reason === undefined ? (score === undefined ? '' : `score ${score.toFixed(0)}`) : reasonText(reason),
    ]),
  )
}
