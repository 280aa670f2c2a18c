import { expect, test } from 'vitest'
import { historyOf, told } from './history.ts'

const begin = Date.parse('2026-01-01T00:00:00Z')
const decision = (seconds: number, replicas: number, terms: Record<string, number> = {}) => ({
  at: new Date(begin + seconds * 1000).toISOString(),
  replicas,
  ready: Math.max(0, replicas - 1),
  reason: replicas > 1 ? 'ScaleUp' : 'Steady',
  sentence: `${replicas} pods.`,
  terms,
})

test('a decision holds until the next one, at even steps from the oldest to the newest', () => {
  const history = historyOf([
    decision(239, 4, { need: 7.5, slots: 2, work: 60 }),
    decision(100, 2),
    decision(0, 1),
  ])
  expect(history?.times).toHaveLength(240)
  expect(history?.times.at(0)).toBe(begin / 1000)
  expect(history?.times.at(-1)).toBeCloseTo(begin / 1000 + 239)
  expect(history?.decided.slice(99, 101)).toEqual([1, 2])
  expect([history?.decided[238], history?.decided[239]]).toEqual([2, 4])
  expect(history?.ready[239]).toBe(3)
  expect([history?.need[238], history?.need[239]]).toEqual([null, 7.5])
  expect([history?.capacity[239], history?.work[239]]).toEqual([8, 60])
})

test('one decision or none is no line', () => {
  expect(historyOf([])).toBeUndefined()
  expect(historyOf([decision(0, 1)])).toBeUndefined()
})

test('what came to the same in a row is told once, with how often and since when', () => {
  const runs = told([decision(90, 1, { need: 3 }), decision(60, 1), decision(30, 2), decision(0, 1)])
  expect(
    runs.map(({ replicas, times, since }) => [replicas, times, (Date.parse(since) - begin) / 1000]),
  ).toEqual([
    [1, 2, 60],
    [2, 1, 30],
    [1, 1, 0],
  ])
  expect(runs[0]?.terms).toEqual({ need: 3 })
})
