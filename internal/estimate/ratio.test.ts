import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addUp, sumOf, unseenShare } from './ratio.ts'

const pairs = (...values: [x: number, y: number][]) => values.map(([x, y]) => ({ x, y }))

describe('the sum of a stratum', () => {
  test('is its bytes times the ratio of its sample', () => {
    const sum = sumOf({ files: 100, total: 1000, pairs: pairs([10, 5], [30, 15]) }, 0)
    expect(sum).toMatchObject({ ratio: 0.5, value: 500, variance: 0, observed: 20 })
  })

  test('varies as the textbook says', () => {
    // Cochran (6.4) by hand: R = 0.5, residuals 1, -2, 1; s² = 3; x̄ = 4, X̄ = 10; N = 10, n = 3.
    const sum = sumOf({ files: 10, total: 100, pairs: pairs([4, 3], [4, 0], [4, 3]) }, 0)
    expect(sum.variance).toBeCloseTo(((10 ** 2 * (1 - 0.3) * 3) / 3) * (10 / 4) ** 2, 8)
    expect(sum.degrees).toBe(2)
  })

  test('is certain when all was looked at', () => {
    const sum = sumOf({ files: 2, total: 40, pairs: pairs([10, 1], [30, 20]) }, 0)
    expect(addUp([sum], 1)).toEqual({ value: 21, low: 21, high: 21 })
  })

  test('may be anything when nothing could be looked at', () => {
    expect(addUp([sumOf({ files: 9, total: 100, pairs: [] }, 0.3)], 1)).toEqual({
      value: 30,
      low: 0,
      high: 100,
    })
  })
})

test('a sample in which nothing was saved does not say that nothing can be', () => {
  const none = sumOf(
    { files: 1000, total: 1e6, pairs: Array.from({ length: 20 }, () => ({ x: 1000, y: 0 })) },
    0,
  )
  const { value, low, high } = addUp([none], 1)
  expect([value, low]).toEqual([0, 0])
  expect(high / 1e6).toBeGreaterThan(0.15)
})

/** Chance that n drawn of N miss all of D. */
function chanceOfMissing(files: number, n: number, missing: number): number {
  let chance = 1
  for (let drawn = 0; drawn < n; drawn += 1) chance *= Math.max(0, files - missing - drawn) / (files - drawn)
  return chance
}

test('what may be unseen is what the hypergeometric distribution says, within a file', () => {
  for (const [files, n] of [
    [50, 5],
    [50, 30],
    [400, 20],
    [1000, 100],
    [100_000, 60],
  ] as const) {
    const missing = Math.ceil(unseenShare(n, files) * files) + 1
    expect(chanceOfMissing(files, n, missing)).toBeLessThanOrEqual(0.025)
    expect(chanceOfMissing(files, n, missing - 3)).toBeGreaterThan(0.02)
  }
})

test('an interval holds its value and stays within what is possible, whatever was seen', () => {
  const file = fc.record({
    x: fc.integer({ min: 1, max: 1e9 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  const stratum = fc.record({ files: fc.array(file, { minLength: 1, maxLength: 20 }), more: fc.nat(1000) })
  fc.assert(
    fc.property(fc.array(stratum, { minLength: 1, maxLength: 6 }), (strata) => {
      let [bytes, seen] = [0, 0]
      const sums = strata.map(({ files, more }) => {
        const own = files.map(({ x, share }) => ({ x, y: x * share }))
        const total = own.reduce((sum, { x }) => sum + x, 0) + more * 1000
        bytes += total
        seen += own.reduce((sum, { y }) => sum + y, 0)
        return sumOf({ files: files.length + more, total, pairs: own }, 0)
      })
      const { value, low, high } = addUp(sums, 1)
      expect(low).toBeLessThanOrEqual(value + 1e-6 * bytes)
      expect(high).toBeGreaterThanOrEqual(value - 1e-6 * bytes)
      expect(low).toBeGreaterThanOrEqual(seen - 1e-6 * bytes)
      expect(high).toBeLessThanOrEqual(bytes)
    }),
  )
})
