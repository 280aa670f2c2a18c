import { describe, expect, it } from 'vitest'
import { arrivalOf, type Sample, sampled } from './arrival.ts'

const every5s = (count: number, seen: (i: number) => Omit<Sample, 'at'>): Sample[] =>
  Array.from({ length: count }, (_, i) => i).reduce<Sample[]>(
    (samples, i) => sampled(samples, { at: i * 5000, ...seen(i) }),
    [],
  )

describe('arrivalOf', () => {
  it('is nothing as long as nothing is known', () => {
    expect(arrivalOf([])).toEqual({ mean: 0, sigma: 0, recent: 0 })
    const one = every5s(1, () => ({ busy: 3, openSeconds: 500 }))
    expect(arrivalOf(one)).toEqual({ mean: 0, sigma: 0, recent: 0 })
  })

  it('is what slots are busy with when no more is open than before', () => {
    const { mean, sigma, recent } = arrivalOf(every5s(100, () => ({ busy: 6, openSeconds: 40 })))
    expect(mean).toBeCloseTo(6)
    expect(recent).toBeCloseTo(6)
    expect(sigma).toBeCloseTo(0)
  })

  it('is more by what is open more than before, and less by what is open less', () => {
    expect(arrivalOf(every5s(100, (i) => ({ busy: 6, openSeconds: i * 10 }))).mean).toBeCloseTo(8)
    expect(arrivalOf(every5s(100, (i) => ({ busy: 6, openSeconds: 5000 - i * 10 }))).mean).toBeCloseTo(4)
  })

  it('is nothing, and not less, when what is open is cancelled', () => {
    const { mean, recent } = arrivalOf(every5s(30, (i) => ({ busy: 0, openSeconds: i < 29 ? 900 : 0 })))
    expect(mean).toBe(0)
    expect(recent).toBe(0)
  })

  it('takes one burst for what it is: two minutes of it, and no trend', () => {
    const { mean, sigma, recent } = arrivalOf(
      every5s(30, (i) => ({ busy: 0, openSeconds: i === 29 ? 120 : 0 })),
    )
    expect(mean).toBeCloseTo(1)
    expect(recent).toBeCloseTo(4)
    expect(sigma).toBeGreaterThan(3)
  })

  it('forgets a wild figure as soon as it is taken back', () => {
    const seen = every5s(60, (i) => ({ busy: 2, openSeconds: i === 50 ? 1_000_000 : 10 }))
    expect(arrivalOf(seen).mean).toBeCloseTo(2)
    expect(arrivalOf(seen).recent).toBeCloseTo(2)
  })
})

describe('sampled', () => {
  it('keeps what the rate is counted from, and no more', () => {
    const samples = every5s(1000, () => ({ busy: 0, openSeconds: 0 }))
    expect(samples.length).toBe(25)
    expect(samples[0]?.at).toBe(999 * 5000 - 120_000)
  })
})
