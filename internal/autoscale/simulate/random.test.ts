import { describe, expect, it } from 'vitest'
import { randomOf } from './random.ts'

const many = (draw: () => number) => Array.from({ length: 20_000 }, draw)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('randomOf', () => {
  it('gives the same for the same seed', () => {
    const [a, b, c] = [randomOf(7), randomOf(7), randomOf(8)]
    expect(many(a.uniform)).toEqual(many(b.uniform))
    expect(c.uniform()).not.toBe(randomOf(7).uniform())
  })

  it.each([
    ['uniform', randomOf(1).uniform, 0.5],
    ['exponential', () => shared.exponential(3), 3],
    ['log-normal', () => shared.lognormal(2, 0.7), 2],
    ['geometric', () => shared.geometric(4), 4],
  ])('has the mean it should have: %s', (_, draw, expected) => {
    expect(Math.abs(mean(many(draw)) / expected - 1)).toBeLessThan(0.03)
  })

  it('draws whole numbers from 1 on where things are counted', () => {
    expect(many(() => shared.geometric(4)).every((value) => Number.isInteger(value) && value >= 1)).toBe(true)
    expect(shared.geometric(1)).toBe(1)
  })
})

const shared = randomOf(2)
