import { expect, test } from 'vitest'
import { type Mark, marked, paceOf } from './pace.ts'

/** A job that does ten files of 1 kB, predicted at 500 ms, a second, with ten slots. */
const steady = (seconds: number): Mark[] =>
  Array.from({ length: seconds / 5 + 1 }, (_, i) => i * 5).reduce<Mark[]>(
    (marks, at) =>
      marked(marks, { at: at * 1000, files: at * 10, bytes: at * 10_000, workMs: at * 5_000, slots: 10 }),
    [],
  )

test('nothing is said before twenty seconds are over', () => {
  expect(paceOf([])).toBeUndefined()
  expect(paceOf(steady(15))).toBeUndefined()
})

test('the pace is that of the last two minutes', () => {
  expect(paceOf(steady(600))).toEqual({ filesPerSecond: 10, bytesPerSecond: 10_000, perSlot: 0.5 })
  expect(steady(6000)).toHaveLength(25)
})

test('without slots, or without progress, predictions are taken as they are', () => {
  const still = steady(60).map((mark) => ({ ...mark, files: 7, bytes: 7, workMs: 7 }))
  expect(paceOf(still)).toEqual({ filesPerSecond: 0, bytesPerSecond: 0, perSlot: 1 })
  expect(paceOf(steady(60).map((mark) => ({ ...mark, slots: 0 })))?.perSlot).toBe(1)
})
