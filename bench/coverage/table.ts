import { type Coverage, type Held, monteCarloError } from './measure.ts'

/** What was measured, as a table of Markdown. */
export function coverageTable(rows: readonly Coverage[]): string {
  const lines = rows.map(
    ({ name, sampleSize, looked, bias, saved, byType, byPrefix }) =>
      `| ${name} | ${sampleSize} | ${Math.round(looked)} | ${percent(bias, 2)} | ${heldText(saved)} | ${heldText(byType)} | ${heldText(byPrefix)} |`,
  )
  return [
    '| population | sample | looked at | bias | total: held, half width | by type | by sub-prefix |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
}

function heldText(held: Held): string {
  if (held.of === 0) return '·'
  return `${percent(held.times / held.of)} ± ${percent(monteCarloError(held))}, ${percent(held.halfWidths / held.of)}`
}

function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`
}
