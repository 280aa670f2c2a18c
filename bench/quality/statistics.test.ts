import { describe, expect, it } from 'vitest'
import { nonNegativeLeastSquares } from './nnls.ts'
import { spreadOf } from './spread.ts'
import { interpolate, mean, quantile, rootMeanSquare, spearman, standardDeviation } from './statistics.ts'

describe('statistics', () => {
  it('agree with values worked out by hand', () => {
    expect(mean([1, 2, 6])).toBe(3)
    expect(standardDeviation([1, 2, 6])).toBeCloseTo(Math.sqrt(7))
    expect(rootMeanSquare([3, 4])).toBeCloseTo(Math.sqrt(12.5))
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([10, 0], 0.1)).toBe(1)
    expect(spearman([1, 2, 3], [10, 30, 20])).toBeCloseTo(0.5)
    expect(spearman([1, 1, 2], [5, 5, 9])).toBeCloseTo(1)
  })

  it('interpolate through the points, monotonically, and hold the ends', () => {
    const [xs, ys] = [
      [0, 10, 20, 40],
      [0, 50, 60, 61],
    ]
    for (const [i, x] of xs.entries()) expect(interpolate(xs, ys, x)).toBeCloseTo(ys[i] ?? 0)
    let before = -1
    for (let x = 0; x <= 40; x += 0.5) {
      const y = interpolate(xs, ys, x)
      expect(y).toBeGreaterThanOrEqual(before)
      before = y
    }
    expect(interpolate(xs, ys, -5)).toBe(0)
    expect(interpolate(xs, ys, 50)).toBe(61)
  })
})

describe('nonNegativeLeastSquares', () => {
  const rows = [
    [1, 0],
    [1, 1],
    [1, 2],
    [1, 3],
  ].map((features) => ({ features, value: 5 + 2 * (features[1] ?? 0), weight: 1 }))

  it('recovers coefficients, without a pull whatever the prior', () => {
    const [a, b] = nonNegativeLeastSquares(rows, [1, 9], 0)
    expect(a).toBeCloseTo(5, 4)
    expect(b).toBeCloseTo(2, 4)
  })

  it('never goes below 0', () => {
    const falling = rows.map((row) => ({ ...row, value: 5 - (row.features[1] ?? 0) }))
    expect(nonNegativeLeastSquares(falling, [1, 1], 0)[1]).toBe(0)
  })

  it('stays at the prior under a strong pull', () => {
    const [a, b] = nonNegativeLeastSquares(rows, [4, 3], 1e6)
    expect(a).toBeCloseTo(4, 3)
    expect(b).toBeCloseTo(3, 3)
  })
})

describe('spreadOf', () => {
  it('finds that choosing for each image saves against one quality for all', () => {
    // The second image needs 20 more than the first for the same score, at the same bytes per quality.
    const qualities = [1, 100]
    const curves = [
      { qualities, scores: [1, 100], bytes: [10, 1000] },
      { qualities, scores: [-19, 80], bytes: [10, 1000] },
    ]
    const bytesAt = (quality: number) => 10 * 100 ** ((quality - 1) / 99)
    const spread = spreadOf(curves, [
      { quality: 60, score: 60, bytes: bytesAt(60) },
      { quality: 80, score: 60, bytes: bytesAt(80) },
    ])
    expect(spread.lowestDecile).toBe(60)
    expect(spread.fixedQuality).toBeCloseTo(78, 4) // scores 78 and 58: the lowest decile lies between
    expect(spread.bytesAgainstFixed).toBeCloseTo((bytesAt(60) + bytesAt(80)) / (2 * bytesAt(78)) - 1, 4)
  })
})
