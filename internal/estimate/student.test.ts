import { expect, test } from 'vitest'
import { t95 } from './student.ts'

test.each([
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [4, 2.776],
  [5, 2.571],
  [10, 2.228],
  [30, 2.042],
  [120, 1.98],
  [1e6, 1.96],
  [Number.POSITIVE_INFINITY, 1.96],
])('the quantile at %s degrees of freedom is that of the tables', (degrees, quantile) => {
  expect(t95(degrees) / quantile).toBeCloseTo(1, 3)
})

test('fractions of a degree err to the wide side', () => {
  expect(t95(4.9)).toBe(t95(4))
  expect(t95(0)).toBe(t95(1))
})
