import { expect, test } from 'vitest'
import { cover, monteCarloError } from './measure.ts'
import { populations } from './populations.ts'
import { coverageTable } from './table.ts'

/** What `npm run coverage` does at length: so few samples tell an interval that holds 95 % from one that holds 85 %. */
const runs = 60

test.each(Object.entries(populations))('intervals over %s hold what they should', (name, population) => {
  const measured = cover(name, population, 150, runs)
  const { saved, byType, byPrefix, bias } = measured
  expect(saved.times / saved.of + monteCarloError(saved)).toBeGreaterThanOrEqual(0.95)
  expect(Math.abs(bias)).toBeLessThan(0.01)
  if (byType.of > 0) expect(byType.times / byType.of).toBeGreaterThanOrEqual(0.9)
  expect(byPrefix.times / byPrefix.of).toBeGreaterThanOrEqual(0.92)
  // An interval from nothing to all holds always.
  expect(saved.halfWidths / saved.of).toBeLessThan(0.08)
  expect(coverageTable([measured])).not.toMatch(/NaN|undefined/)
})
