import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addCounts, latencyBin, latencyBounds, quantile } from './latency.ts'

test('a quantile of counted durations is off by less than a bin', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 90_000_000 }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.95),
      (durations, share) => {
        const counts: number[] = []
        for (const ms of durations) counts[latencyBin(ms)] = (counts[latencyBin(ms)] ?? 0) + 1
        const exact = durations.toSorted((a, b) => a - b)[Math.ceil(share * durations.length) - 1] ?? 0
        const bin = latencyBin(exact)
        const estimate = quantile(addCounts(counts, []), share) ?? -1
        expect(estimate).toBeGreaterThanOrEqual(Math.floor(latencyBounds[bin - 1] ?? 0))
        expect(estimate).toBeLessThanOrEqual(Math.ceil(latencyBounds[bin] ?? 0))
      },
    ),
  )
})

test('of nothing there is no quantile, and what took longer than every bound counts as the last', () => {
  expect(quantile([], 0.5)).toBeUndefined()
  expect(quantile([0, 0], 0.5)).toBeUndefined()
  const counts: number[] = []
  counts[latencyBin(1e12)] = 1
  expect(quantile(addCounts(counts, []), 0.5)).toBe(latencyBounds.at(-1))
})
