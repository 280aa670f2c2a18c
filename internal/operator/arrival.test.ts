import { describe, expect, it } from 'vitest'
import { arrivalOf, type Sample, sampled } from './arrival.ts'

const every5s = (count: number, accepted: (i: number) => number): Sample[] =>
  Array.from({ length: count }, (_, i) => i).reduce<Sample[]>(
    (samples, i) => sampled(samples, { at: i * 5000, accepted: accepted(i) }),
    [],
  )

describe('arrivalOf', () => {
  it('is nothing as long as nothing is known', () => {
    expect(arrivalOf([], 2)).toEqual({ mean: 0, sigma: 0, recent: 0 })
    expect(
      arrivalOf(
        every5s(1, () => 500),
        2,
      ),
    ).toEqual({ mean: 0, sigma: 0, recent: 0 })
  })

  it('is the rate of a steady stream, without deviation', () => {
    const { mean, sigma, recent } = arrivalOf(
      every5s(100, (i) => i * 10),
      3,
    )
    expect(mean).toBeCloseTo(6)
    expect(recent).toBeCloseTo(6)
    expect(sigma).toBeLessThan(0.01)
  })

  it('takes one burst for what it is: two minutes of it, and no trend', () => {
    const { mean, sigma, recent } = arrivalOf(
      every5s(30, (i) => (i === 29 ? 120 : 0)),
      1,
    )
    expect(mean).toBeCloseTo(1)
    expect(recent).toBeCloseTo(4)
    expect(recent).toBeLessThan(mean + 3 * sigma)
  })

  it('lets a rise stand out of a steady stream', () => {
    const { mean, sigma, recent } = arrivalOf(
      every5s(100, (i) => i * 10 + Math.max(0, i - 95) * 100),
      1,
    )
    expect(recent).toBeGreaterThan(mean)
    expect(sigma).toBeGreaterThan(0)
  })

  it('counts nothing when batches were deleted', () => {
    expect(
      arrivalOf(
        every5s(10, (i) => 1000 - i),
        1,
      ).mean,
    ).toBe(0)
  })
})

describe('sampled', () => {
  it('keeps two minutes and where they begin', () => {
    const samples = every5s(1000, () => 0)
    expect(samples).toHaveLength(25)
    expect((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)).toBe(120_000)
  })
})
