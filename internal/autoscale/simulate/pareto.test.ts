import { describe, expect, it } from 'vitest'
import { atCost, front } from './pareto.ts'

const points = [
  { name: 'dear', podHours: 30, late: 0 },
  { name: 'worse than cheap', podHours: 12, late: 9 },
  { name: 'cheap', podHours: 10, late: 8 },
  { name: 'middle', podHours: 20, late: 2 },
  { name: 'as dear and worse', podHours: 20, late: 3 },
]

describe('front', () => {
  it('keeps those that no other is better than, the cheapest first', () => {
    expect(front(points).map(({ name }) => name)).toEqual(['cheap', 'middle', 'dear'])
  })
})

describe('atCost', () => {
  it.each([
    ['half of both half way between', 15, 'cheap', 'middle', 0.5],
    ['mostly the nearer one', 28, 'middle', 'dear', 0.8],
    ['one as it is at its own cost', 20, 'cheap', 'middle', 1],
    ['the best there is where all are cheaper', 99, 'dear', 'dear', 0],
    ['the cheapest where all are dearer', 3, 'cheap', 'cheap', 0],
  ])('is %s', (_, podHours, first, second, part) => {
    const mixture = atCost(front(points), podHours)
    expect([mixture.first.name, mixture.second.name]).toEqual([first, second])
    expect(mixture.part).toBeCloseTo(part)
  })
})
