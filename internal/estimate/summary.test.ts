import { expect, test } from 'vitest'
import { durationText } from './summary.ts'

test.each([
  [0, '0s'],
  [44.2, '45s'],
  [60, '1m'],
  [3599, '1h'],
  [3600, '1h'],
  [12_000, '3h20m'],
  [2 * 86_400, '2d'],
  [187_200, '2d4h'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
})
