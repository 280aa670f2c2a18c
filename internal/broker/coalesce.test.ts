import { describe, expect, it } from 'vitest'
import { coalesce } from './coalesce.ts'

describe('coalesce', () => {
  it('shares one run among the requests of a turn, and one more among those made while it runs', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const began: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()]
    let runs = 0
    const flush = coalesce(async () => {
      const run = runs
      runs += 1
      began[run]?.resolve()
      await gates[run]?.promise
    })
    const first = Promise.all([flush(), flush(), flush()])
    await began[0]?.promise
    const second = Promise.all([flush(), flush()])
    expect(runs).toBe(1)
    gates[0]?.resolve()
    await first
    await began[1]?.promise
    gates[1]?.resolve()
    await second
    expect(runs).toBe(2)
  })

  it('includes what was written down before the request', async () => {
    const written: number[] = []
    let saved: number[] = []
    const flush = coalesce(async () => {
      saved = [...written]
    })
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        written.push(i)
        await flush()
        expect(saved).toContain(i)
      }),
    )
  })

  it('tells a failure to those who share the run, and starts afresh for the next', async () => {
    let fail = true
    const flush = coalesce(async () => {
      if (fail) throw new Error('disk full')
    })
    const [first, second] = await Promise.allSettled([flush(), flush()])
    expect([first.status, second.status]).toEqual(['rejected', 'rejected'])
    fail = false
    await expect(flush()).resolves.toBeUndefined()
  })

  it('leaves the event loop free between runs that follow each other', async () => {
    let runs = 0
    let timerAfter = 0
    const flush = coalesce(async () => {
      runs += 1
    })
    const timer = Promise.withResolvers<void>()
    setTimeout(() => {
      timerAfter = runs
      timer.resolve()
    }, 1)
    for (let i = 0; i < 100_000 && timerAfter === 0; i += 1) await flush()
    await timer.promise
    expect(timerAfter).toBeLessThan(100_000)
  })
})
