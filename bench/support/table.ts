import type { Report } from './report.ts'
import type { Row } from './result.ts'

/** Rows as Markdown has them. */
export function rowsTable(rows: readonly Pick<Row, 'what' | 'measured' | 'bar' | 'met'>[]): string {
  const lines = rows.map(
    ({ what, measured, bar, met }) => `| ${what} | ${measured} | ${bar} | ${met ? 'yes' : 'not yet'} |`,
  )
  return ['| what | measured | bar | met |', '| --- | --- | --- | --- |', ...lines, ''].join('\n')
}

/** A report as Markdown: a table for each machine it was measured on. */
export function reportTables(report: Report): string {
  const byMachine = Map.groupBy(Object.values(report), ({ machine }) => machineText(machine))
  return [...byMachine]
    .map(([machine, benches]) => `On ${machine}:\n\n${rowsTable(benches.flatMap(({ rows }) => rows))}`)
    .join('\n')
}

function machineText({ cpu, cores, memoryGiB, node, sharp }: Report[string]['machine']): string {
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, sharp ${sharp}`
}
