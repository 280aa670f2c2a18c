import {
  front,
  holds,
  judge,
  type Policy,
  type Result,
  type TraceResults,
  type Verdict,
} from '../../internal/autoscale/simulate/index.ts'

/** Every setting on one trace, the cheapest of each family first; or those alone that no other of it is better than. */
export function resultsTable(
  { trace, unavoidable, leastPodHours, results }: TraceResults,
  all: boolean,
): string {
  const families = [...new Set(results.map(({ family }) => family))]
  const rows = families.flatMap((family) => {
    const own = results.filter((one) => one.family === family)
    const best = front(own)
    const shown = all ? own.toSorted((a, b) => a.podHours - b.podHours) : best
    return shown.map((one) => resultRow(one, best.includes(one)))
  })
  return [
    `### ${trace === 'all' ? 'All traces' : capital(trace)}`,
    '',
    `Late with all pods all the time: ${unavoidable.toFixed(2)} %. Every slot busy all the time: ${leastPodHours.toFixed(1)} pod-hours.`,
    '',
    '| policy | setting | late beyond that, points | pod-hours | rebalances |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function resultRow({ family, name, late, podHours, rebalances }: Result, best: boolean): string {
  const setting = best ? name : `(${name})`
  return `| ${family} | ${setting} | ${late.toFixed(2)} | ${podHours.toFixed(1)} | ${rebalances.toFixed(0)} |`
}

/** Our defaults against the best of KEDA and DS2 at the same pod-hours, trace by trace. */
export function verdictTable(traces: readonly TraceResults[], ours: Policy): string {
  const rows = traces.map((trace) => {
    const against = judge(trace, ours, 'KEDA')
    const ds2 = judge(trace, ours, 'DS2')
    const verdict = trace.trace === 'all' ? overall(against) : holds(against) ? 'yes' : 'no'
    return [
      trace.trace,
      against.ours.late.toFixed(2),
      against.ours.podHours.toFixed(1),
      against.ours.rebalances.toFixed(0),
      against.theirLate.toFixed(2),
      costOf(against).toFixed(1),
      rebalancesOf(against).toFixed(0),
      `${signed(against.difference)} ± ${against.standardError.toFixed(2)}`,
      ds2.theirLate.toFixed(2),
      verdict,
    ]
  })
  return [
    '| trace | late | pod-hours | rebalances | KEDA late | KEDA pod-hours | KEDA rebalances | difference | DS2 late | holds |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n')
}

/** Ours over theirs. */
export function overall(verdict: Verdict): string {
  const ratio = verdict.ours.late / verdict.theirLate
  return `${ratio.toFixed(2)} of KEDA's: ${ratio <= 0.5 ? 'yes' : 'no'}`
}

function costOf({ theirs: { first, second, part } }: Verdict): number {
  return (1 - part) * first.podHours + part * second.podHours
}

function rebalancesOf({ theirs: { first, second, part } }: Verdict): number {
  return (1 - part) * first.rebalances + part * second.rebalances
}

function signed(value: number): string {
  return value > 0 ? `+${value.toFixed(2)}` : value.toFixed(2)
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
