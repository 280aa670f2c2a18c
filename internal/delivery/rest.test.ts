import { expect, test } from 'vitest'
import { restMs } from './rest.ts'

test.each([
  ['lets reports gather when few came', { tookMs: 10, isFull: false, embedded: false }, 240],
  ['lets them gather on an embedded database too', { tookMs: 10, isFull: false, embedded: true }, 240],
  ['goes on at once while more is waiting', { tookMs: 10, isFull: true, embedded: false }, 0],
  [
    'leaves half the time to requests while more is waiting',
    { tookMs: 60, isFull: true, embedded: true },
    60,
  ],
  ['keeps slow folds to a fifth of the time', { tookMs: 100, isFull: false, embedded: true }, 400],
  ['keeps people waiting for less than a second', { tookMs: 900, isFull: false, embedded: true }, 750],
  ['waits for nothing when the interval is over', { tookMs: 300, isFull: false, embedded: false }, 0],
])('%s', (_, timing, expected) => {
  expect(restMs(timing)).toBe(expected)
})
