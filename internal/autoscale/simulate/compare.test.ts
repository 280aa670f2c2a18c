import { describe, expect, it } from 'vitest'
import { holds, judge, type Result, type TraceResults, together } from './compare.ts'
import { fixedPods } from './policy.ts'

const ours = { ...fixedPods(1), name: 'ours', family: 'Kompressor' }

function result(family: string, name: string, podHours: number, lateBySeed: readonly number[]): Result {
  const late = lateBySeed.reduce((sum, one) => sum + one, 0) / lateBySeed.length
  return { family, name, podHours, late, lateBySeed, rebalances: 10 }
}

const trace: TraceResults = {
  trace: 'test',
  unavoidable: 1,
  leastPodHours: 5,
  results: [
    result('Kompressor', 'ours', 15, [1, 2, 3]),
    result('KEDA', 'cheap', 10, [8, 8, 11]),
    result('KEDA', 'dear', 20, [1, 2, 3]),
    result('KEDA', 'bad', 25, [30, 30, 30]),
  ],
}

describe('judge', () => {
  it('holds ours against the mixture of their front that costs as much, seed by seed', () => {
    const verdict = judge(trace, ours, 'KEDA')
    expect([verdict.theirs.first.name, verdict.theirs.second.name]).toEqual(['cheap', 'dear'])
    // Half of both: 4.5, 5 and 7 against 1, 2 and 3.
    expect(verdict.theirLate).toBeCloseTo(5.5)
    expect(verdict.difference).toBeCloseTo(-3.5)
    expect(verdict.standardError).toBeCloseTo(0.289, 3)
  })
})

describe('holds', () => {
  const verdict = judge(trace, ours, 'KEDA')
  it.each([
    [0.19, 0, true],
    [0.21, 0, false],
    [0.21, 0.11, true],
    [-5, 0, true],
  ])('says of %f points worse at a standard error of %f: %s', (difference, standardError, expected) => {
    expect(holds({ ...verdict, difference, standardError })).toBe(expected)
  })
})

describe('together', () => {
  it('sums what was spent and takes the mean of what was late', () => {
    const other = {
      ...trace,
      leastPodHours: 7,
      results: trace.results.map((one) => ({ ...one, podHours: 1, lateBySeed: [0, 0, 3] })),
    }
    const all = together([trace, other])
    expect(all.leastPodHours).toBe(12)
    expect(all.results[0]).toMatchObject({
      name: 'ours',
      podHours: 16,
      rebalances: 20,
      lateBySeed: [0.5, 1, 3],
      late: 1.5,
    })
  })
})
