import { describe, expect, test } from 'vitest'
import { judge, mostAttempts } from './judge.ts'

const now = new Date('2026-01-01T00:00:00Z')
const judged = (
  status: number,
  options: { failures?: number; random?: number; retryAfterMs?: number } = {},
) => {
  const { failures = 0, random = 0.5, retryAfterMs } = options
  return judge({ status, retryAfterMs }, { failures, now, random: () => random })
}
const pauseOf = (outcome: ReturnType<typeof judge>) =>
  outcome.kind === 'failed' ? outcome.nextAttemptAt.getTime() - now.getTime() : undefined

describe('an attempt', () => {
  test.each([200, 201, 202, 204, 299])('that is answered %d is delivered', (status) => {
    expect(judged(status)).toEqual({ kind: 'delivered' })
  })

  test.each([
    [301, 'redirects are not followed'],
    [308, 'redirects are not followed'],
    [400, 'answered 400'],
    [401, 'answered 401'],
    [404, 'answered 404'],
    [500, 'answered 500'],
    [0, 'answered 0'],
  ])('that is answered %d is tried again', (status, error) => {
    expect(judged(status)).toMatchObject({ kind: 'failed', error: expect.stringContaining(error) })
  })

  test('that is answered 410 is the last of its webhook, whichever attempt it is', () => {
    expect(judged(410)).toMatchObject({ kind: 'gone' })
    expect(judged(410, { failures: mostAttempts })).toMatchObject({ kind: 'gone' })
  })

  test('that nobody answers is tried again, and says why', () => {
    const outcome = judge({ error: 'no route' }, { failures: 0, now, random: () => 0 })
    expect(outcome).toEqual({
      kind: 'failed',
      error: 'no route',
      nextAttemptAt: new Date(now.getTime() + 2_500),
    })
  })

  test('that the receiver asks patience for gets it, six hours at most', () => {
    expect(pauseOf(judged(429, { retryAfterMs: 60_000 }))).toBe(60_000)
    expect(pauseOf(judged(503, { retryAfterMs: 10 }))).toBe(3_750)
    expect(pauseOf(judged(503, { retryAfterMs: 1e12 }))).toBe(6 * 3_600_000)
  })
})

test.each([
  [0, 14, 15],
  [0.5, 21, 23],
  [0.999_999, 29, 30],
])('attempts at random %d take %d to %d hours in all, and then end', (random, least, most) => {
  let total = 0
  let failures = 0
  let last = 0
  for (;;) {
    const outcome = judged(500, { failures, random })
    if (outcome.kind === 'given_up') break
    const pause = pauseOf(outcome) ?? Number.NaN
    expect(pause).toBeGreaterThanOrEqual(last)
    last = pause
    total += pause
    failures += 1
  }
  expect(failures).toBe(mostAttempts - 1)
  expect(total / 3_600_000).toBeGreaterThan(least)
  expect(total / 3_600_000).toBeLessThan(most)
  expect(judged(500, { failures })).toEqual({
    kind: 'given_up',
    error: 'the receiver answered 500; given up after 17 attempts',
  })
})
