import { describe, expect, test } from 'vitest'
import { AdaptiveRate } from './adaptive-rate.ts'

const policy = { initial: 100, min: 2, max: 1000 }

/** Sends as fast as it may for some seconds; what is sent is answered at once. Returns how many were sent in each second. */
function send(rate: AdaptiveRate, from: number, seconds: number, capacity = Number.POSITIVE_INFINITY) {
  const sent: number[] = []
  const refused: number[] = []
  let now = from
  for (let second = 0; second < seconds; second++) {
    let count = 0
    let refusals = 0
    while (now < from + (second + 1) * 1000) {
      const delay = rate.delay(now)
      if (delay > 0) {
        now += delay
        continue
      }
      rate.take(now)
      count += 1
      if (count > capacity) {
        refusals += 1
        rate.throttled(now)
      } else rate.succeeded({ waited: true }, now)
    }
    sent.push(count)
    refused.push(refusals)
  }
  return { sent, refused, now }
}

describe('the rate of a bucket', () => {
  test('doubles in each second of full use until it reaches its limit', () => {
    const rate = new AdaptiveRate(policy, 0)
    const { sent } = send(rate, 0, 6)
    for (const [index, expected] of [144, 288, 577].entries()) {
      expect(sent[index]).toBeGreaterThan(expected * 0.75)
      expect(sent[index]).toBeLessThan(expected * 1.35)
    }
    expect(rate.perSecond).toBe(1000)
    expect(sent[5]).toBeLessThan(1110)
  })

  test('does not grow by requests that did not have to wait', () => {
    const rate = new AdaptiveRate(policy, 0)
    for (let i = 0; i < 10_000; i++) rate.succeeded({ waited: false }, i)
    expect(rate.perSecond).toBe(100)
  })

  test.each([
    ['to somewhat below what was served', 60, [0], 42],
    ['once for all refusals of a second', 60, [0, 10, 999], 42],
    ['not to nothing when nothing was served', 0, [0], 10],
    ['again in the next second', 0, [0, 1000], 2],
    ['never below its least', 0, [0, 1000, 2000, 3000], 2],
  ])('falls %s', (_, served, refusedAt, expected) => {
    const rate = new AdaptiveRate(policy, 0)
    for (let i = 0; i < served; i++) rate.succeeded({ waited: false }, 0)
    for (const at of refusedAt) rate.throttled(at)
    expect(rate.perSecond).toBeCloseTo(expected)
  })

  test('grows by a twentieth of what was too much in each second of full use after a refusal', () => {
    const rate = new AdaptiveRate(policy, 0)
    for (let i = 0; i < 100; i++) rate.succeeded({ waited: false }, 0)
    rate.throttled(0)
    const seen = [rate.perSecond]
    let now = 0
    for (let second = 0; second < 4; second++) {
      now = send(rate, now, 1).now
      seen.push(Math.round(rate.perSecond))
    }
    expect(seen).toEqual([70, 75, 80, 85, 90])
  })

  test('settles below what the bucket takes, and is seldom refused then', () => {
    const rate = new AdaptiveRate({ ...policy, initial: 800 }, 0)
    const { sent, refused } = send(rate, 0, 60, 80)
    const total = (numbers: number[]) => numbers.slice(20).reduce((sum, n) => sum + n, 0)
    expect(total(refused) / total(sent)).toBeLessThan(0.05)
    expect(total(sent) / 40).toBeGreaterThan(80 * 0.6)
  })

  test('lets a tenth of a second go at once after a rest, and no more', () => {
    const rate = new AdaptiveRate(policy, 0)
    let atOnce = 0
    for (; rate.delay(60_000) === 0; atOnce++) rate.take(60_000)
    expect(atOnce).toBe(10)
    expect(rate.delay(60_000)).toBe(10)
    expect(rate.delay(60_010)).toBe(0)
  })
})
