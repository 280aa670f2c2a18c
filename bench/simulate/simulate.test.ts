import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  contenders,
  holds,
  judge,
  ordinaryWorld,
  playTrace,
  type TraceResults,
  together,
  traceNames,
} from '../../internal/autoscale/simulate/index.ts'
import { paretoPlot } from './plot.ts'
import { resultsTable, verdictTable } from './table.ts'

/** One seed, and of KEDA's settings those that are on its front: what `npm run simulate` does at length. */
const everybody = contenders(ordinaryWorld)
const policies = everybody.policies.filter(({ family, name }) => {
  return (
    family !== 'KEDA' || /^lag (4|8|12|16), poll 5 s, hold (60|120) s( limitToPartitionsWithLag)?$/.test(name)
  )
})
let traces: TraceResults[]
let all: TraceResults

beforeAll(() => {
  traces = traceNames.map((name) => playTrace(ordinaryWorld, { ...everybody, policies }, name, [0]))
  all = together(traces)
}, 600_000)

describe('the defaults', () => {
  it('have at most half as much late as the best setting of KEDA at the same cost', () => {
    const { ours, theirLate } = judge(all, everybody.ours, 'KEDA')
    expect(ours.late).toBeLessThanOrEqual(theirLate / 2)
    expect(ours.late).toBeGreaterThanOrEqual(0)
  })

  it('are worse than KEDA on no trace', () => {
    const worse = traces.map((trace) => judge(trace, everybody.ours, 'KEDA')).filter((one) => !holds(one))
    expect(worse.map(({ trace }) => trace)).toEqual([])
  })

  it('have fewer rebalances', () => {
    const { ours, theirs } = judge(all, everybody.ours, 'KEDA')
    expect(ours.rebalances).toBeLessThan(Math.min(theirs.first.rebalances, theirs.second.rebalances))
  })
})

describe('what is printed', () => {
  it('has every setting, or those alone that are on a front', () => {
    const rows = (table: string) =>
      table.split('\n').filter((line) => /^\| (Kompressor|KEDA|DS2) /.test(line))
    expect(rows(resultsTable(all, true))).toHaveLength(policies.length)
    expect(rows(resultsTable(all, false)).length).toBeLessThan(policies.length)
    expect(rows(resultsTable(all, false)).join()).not.toContain('(')
  })

  it('has a verdict for each trace and for all', () => {
    expect(
      verdictTable([...traces, all], everybody.ours)
        .trim()
        .split('\n'),
    ).toHaveLength(2 + traceNames.length + 1)
  })

  it('is drawn as a picture in which nothing lies outside', async () => {
    const svg = paretoPlot(all, traces, everybody.ours.name)
    const { data, info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true })
    expect(info.width).toBe(960)
    expect(new Set(data).size).toBeGreaterThan(20)
    const centres = [...svg.matchAll(/c[xy]="([^"]+)"/g)].map(([, value]) => Number(value))
    for (const value of centres) expect(value).toBeGreaterThan(0)
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  })
})
