/**
 * Plays the traces under Kompressor's policy, KEDA with the HPA, and DS2:
 *
 *     npm run simulate                         ten seeds, about three minutes
 *     npm run simulate -- --seeds 1
 *     npm run simulate -- --all                every setting, not only those on a front
 *     npm run simulate -- --protocol cooperative --slots-per-partition 1
 *     npm run simulate -- --write              writes docs/images/autoscaling.svg and docs/reference/autoscaling.md
 *
 * The same seeds give the same figures on every machine. Exits 1 when the defaults do not hold what
 * docs/autoscaling.md says of them.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import {
  contenders,
  holds,
  judge,
  ordinaryWorld,
  together,
  traceNames,
  type World,
} from '../../internal/autoscale/simulate/index.ts'
import { playAll } from './play.ts'
import { paretoPlot } from './plot.ts'
import { overall, resultsTable, verdictTable } from './table.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    protocol: { type: 'string', default: ordinaryWorld.rebalance.protocol },
    'slots-per-partition': { type: 'string', default: String(ordinaryWorld.slotsPerPartition) },
    all: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

const seeds = Array.from({ length: positive(values.seeds, '--seeds') }, (_, seed) => seed)
const slotsPerPartition = positive(values['slots-per-partition'], '--slots-per-partition')
const world: World = {
  ...ordinaryWorld,
  slotsPerPartition: Math.min(slotsPerPartition, ordinaryWorld.slots),
  rebalance: { ...ordinaryWorld.rebalance, protocol: protocolOf(values.protocol) },
}
const everybody = contenders(world)
const traces = await playAll(world, traceNames, seeds, (name) => process.stderr.write(`${name} …\n`))
const all = together(traces)
const verdicts = verdictTable([...traces, all], everybody.ours)
const tables = [...traces, all].map((trace) => resultsTable(trace, values.all)).join('\n')
process.stdout.write(`${tables}\n## The defaults against the best at the same cost\n\n${verdicts}`)

if (values.write) {
  const docs = new URL('../../docs/', import.meta.url)
  await writeFile(new URL('images/autoscaling.svg', docs), paretoPlot(all, traces, everybody.ours.name))
  const page = [
    '# Autoscaling, simulated',
    '',
    `Written by \`npm run simulate -- --write\` over ${seeds.length} seeds; what is compared, and how, is in`,
    '[Autoscaling](../autoscaling.md). Settings on the front of their family alone; `--all` prints the others.',
    '',
    '## The defaults against the best at the same cost',
    '',
    verdicts,
    '## Fronts',
    '',
    tables,
  ]
  await writeFile(new URL('reference/autoscaling.md', docs), page.join('\n'))
}

const whole = judge(all, everybody.ours, 'KEDA')
const failed = traces.map((trace) => judge(trace, everybody.ours, 'KEDA')).filter((one) => !holds(one))
for (const { trace } of failed) process.stderr.write(`worse than KEDA on ${trace}\n`)
process.stderr.write(`late, over all traces: ${overall(whole)}\n`)
if (failed.length > 0 || whole.ours.late > whole.theirLate / 2) process.exitCode = 1

function positive(text: string, flag: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  process.stderr.write(`${flag} takes a whole number above 0, not ${text}\n`)
  process.exit(2)
}

function protocolOf(text: string): 'eager' | 'cooperative' {
  if (text === 'eager' || text === 'cooperative') return text
  process.stderr.write(`--protocol is eager or cooperative, not ${text}\n`)
  process.exit(2)
}
