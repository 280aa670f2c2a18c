import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

const policy = { baseMs: 500, maxMs: 300_000 }

describe('backoffMs', () => {
  it.each([
    [1, 250, 500],
    [2, 500, 1000],
    [5, 4000, 8000],
    [11, 150_000, 300_000],
    [5000, 150_000, 300_000],
  ])('after %i failures waits between %i and %i ms', (failures, least, most) => {
    expect(backoffMs(failures, policy, () => 0)).toBe(least)
    expect(backoffMs(failures, policy, () => 0.999_999_999)).toBeCloseTo(most, 1)
  })
})
