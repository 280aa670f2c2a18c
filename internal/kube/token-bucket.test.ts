import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

describe('TokenBucket', () => {
  it('lets a burst through and then as many a second as it may', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 3, now: 0 })
    expect([0, 0, 0, 0].map((now) => bucket.tryTake(now))).toEqual([true, true, true, false])
    expect([499, 500, 999, 1000].map((now) => bucket.tryTake(now))).toEqual([false, true, false, true])
  })

  it('says how long to wait for a token that is not there yet', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 1, now: 0 })
    expect([0, 0, 0, 100].map((now) => bucket.reserve(now))).toEqual([0, 100, 200, 200])
  })

  it('never saves up more than the burst', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2, now: 0 })
    expect([1e9, 1e9, 1e9].map((now) => bucket.tryTake(now))).toEqual([true, true, false])
  })
})
