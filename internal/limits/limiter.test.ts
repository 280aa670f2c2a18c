import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLimiter } from './limiter.ts'
import type { Clock } from './queue.ts'
import { TokenBucket } from './token-bucket.ts'

/** A clock that goes when it is told to, and does on its way what was put off. */
function fakeClock() {
  let at = 0
  const due = new Set<{ at: number; act: () => void }>()
  const clock: Clock = {
    now: () => at,
    after(ms, act) {
      const one = { at: at + ms, act }
      due.add(one)
      return () => due.delete(one)
    },
  }
  /** To the next thing that is due, and what follows from it. */
  async function step(until: number): Promise<boolean> {
    await new Promise(setImmediate)
    const [next] = [...due].sort((a, b) => a.at - b.at)
    if (next === undefined || next.at > until) return false
    due.delete(next)
    at = next.at
    next.act()
    return true
  }
  return {
    clock,
    async go(ms: number) {
      const until = at + ms
      while (await step(until));
      at = until
    },
  }
}

test('a bucket gives its burst at once and then its rate, and what was too much is paid back', () => {
  const bucket = new TokenBucket(10, 0)
  expect(bucket.delay(1, 0)).toBe(0)
  bucket.take(2, 0)
  expect(bucket.delay(1, 0)).toBe(100)
  expect(bucket.delay(1, 100)).toBe(0)
  // More than it holds goes when it is full.
  expect(bucket.delay(50, 100)).toBe(100)
  bucket.take(50, 200)
  expect(bucket.delay(1, 200)).toBe(4_900)
  // However long the rest was, it holds two.
  expect(bucket.delay(2, 1_000_000)).toBe(0)
  bucket.take(2, 1_000_000)
  expect(bucket.delay(1, 1_000_000)).toBe(100)
})

test('another rate holds from that moment on, for debts too', () => {
  const bucket = new TokenBucket(10, 0)
  bucket.take(12, 0)
  bucket.setRate(1, 500)
  expect(bucket.delay(1, 500)).toBe(6_000)
  bucket.setRate(100, 500)
  expect(bucket.delay(1, 500)).toBe(60)
})

test('no second has more than the rate and one burst, whatever is asked for when', () => {
  const wishes = fc.array(fc.record({ gap: fc.nat(500), count: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 1,
    maxLength: 200,
  })
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 200 }), wishes, (rate, list) => {
      const bucket = new TokenBucket(rate, 0)
      const taken: { at: number; count: number }[] = []
      let at = 0
      for (const { gap, count } of list) {
        at += gap
        for (let wait = bucket.delay(count, at); wait > 0; wait = bucket.delay(count, at)) at += wait
        bucket.take(count, at)
        taken.push({ at, count })
      }
      for (const { at: from } of taken) {
        const within = taken.filter((one) => one.at >= from && one.at < from + 1_000)
        const sum = within.reduce((total, { count }) => total + count, 0)
        expect(sum).toBeLessThanOrEqual(rate * 1.2 + 5 + 1e-3)
      }
    }),
  )
})

test('requests wait their turn in order, bytes for bytes, and without limits nobody waits', async () => {
  const { clock, go } = fakeClock()
  const limiter = createLimiter({ requestsPerSecond: 5 }, clock)
  const done: number[] = []
  const ask = (n: number, bytes = 0) => limiter.request(bytes).then(() => done.push(n))
  const all = [0, 1, 2].map((n) => ask(n, 1_000_000))
  await go(0)
  expect(done).toEqual([0])
  await go(200)
  expect(done).toEqual([0, 1])
  await go(200)
  expect(done).toEqual([0, 1, 2])
  await Promise.all(all)

  limiter.set({ bytesPerSecond: 1_000 })
  await Promise.all([ask(3), ask(4), limiter.read(200)])
  const sent = ask(5, 3_000)
  await go(199)
  expect(done).not.toContain(5)
  await go(1)
  expect(done).toContain(5)
  const read = limiter.read(100).then(() => done.push(6))
  await go(2_800)
  expect(done).not.toContain(6)
  await go(100)
  expect(done).toContain(6)
  limiter.owe(1_000)
  const last = ask(7, 100)
  await go(900)
  expect(done).not.toContain(7)
  limiter.set({})
  await Promise.all([sent, read, last])
})

test('who gives up takes nothing, and the next moves up', async () => {
  const { clock, go } = fakeClock()
  const limiter = createLimiter({ requestsPerSecond: 1 }, clock)
  await limiter.request(0)
  const leaving = new AbortController()
  const first = limiter.request(0, leaving.signal)
  let passed = false
  const second = limiter.request(0).then(() => {
    passed = true
  })
  leaving.abort(new Error('not wanted'))
  await expect(first).rejects.toThrow('not wanted')
  await go(999)
  expect(passed).toBe(false)
  await go(1)
  await second
  await expect(limiter.read(1, leaving.signal)).rejects.toThrow('not wanted')
})

test('a share that grows lets those go who wait at the old one', async () => {
  const { clock, go } = fakeClock()
  const limiter = createLimiter({ requestsPerSecond: 0.1 }, clock)
  await limiter.request(0)
  const next = limiter.request(0)
  await go(1_000)
  limiter.set({ requestsPerSecond: 10 })
  await go(100)
  await next
})

test('says how much of the time somebody was held back', async () => {
  const { clock, go } = fakeClock()
  const limiter = createLimiter({ requestsPerSecond: 1 }, clock)
  await limiter.request(0)
  await go(1_000)
  expect(limiter.heldBack()).toBe(0)
  await limiter.request(0)
  const waiting = limiter.request(0)
  await go(500)
  expect(limiter.heldBack()).toBe(1)
  await go(1_500)
  await waiting
  expect(limiter.heldBack()).toBeCloseTo(1 / 3)
  expect(limiter.heldBack()).toBe(0)
})
