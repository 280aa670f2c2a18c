import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Controller, type ControllerOptions, startController } from './controller.ts'

const started: Controller[] = []
afterEach(async () => {
  for (const controller of started.splice(0)) await controller.stop()
})

function start(options: Pick<ControllerOptions, 'reconcile'> & Partial<ControllerOptions>): Controller {
  const controller = startController({
    onError: () => undefined,
    now: () => performance.now(),
    random: Math.random,
    policy: { backoff: { baseMs: 20, maxMs: 50 }, retries: { perSecond: 1000, burst: 100 } },
    ...options,
  })
  started.push(controller)
  return controller
}

describe('startController', () => {
  it('works on different keys at once and on one key never twice at a time', async () => {
    let now = { a: 0, b: 0 }
    const most = { a: 0, b: 0, all: 0 }
    let runs = 0
    const controller = start({
      async reconcile(key) {
        const name = key === 'a' ? 'a' : 'b'
        now = { ...now, [name]: now[name] + 1 }
        most[name] = Math.max(most[name], now[name])
        most.all = Math.max(most.all, now.a + now.b)
        await sleep(5)
        now = { ...now, [name]: now[name] - 1 }
        runs += 1
        return {}
      },
    })
    for (let i = 0; i < 10; i += 1) {
      controller.enqueue('a')
      controller.enqueue('b')
      await sleep(3)
    }
    await vi.waitUntil(() => controller.depth().due + controller.depth().running === 0, { timeout: 20_000 })
    expect(most).toEqual({ a: 1, b: 1, all: 2 })
    expect(runs).toBeLessThan(20)
  })

  it('comes back when the reconcile asked for it', async () => {
    let runs = 0
    start({
      async reconcile() {
        runs += 1
        return runs < 3 ? { requeueAfterMs: 1 } : {}
      },
    }).enqueue('a')
    await vi.waitUntil(() => runs === 3, { timeout: 20_000 })
  })

  it('tries again after a failure, says when, and goes on with the others meanwhile', async () => {
    const calls: string[] = []
    const errors: string[] = []
    const controller = start({
      async reconcile(key) {
        calls.push(key)
        if (key === 'bad' && calls.filter((call) => call === 'bad').length < 3) throw new Error('not yet')
        return {}
      },
      onError: (key, error, retryInMs) => {
        errors.push(`${key}: ${error instanceof Error ? error.message : ''}, ${retryInMs > 0}`)
      },
      workers: 1,
    })
    controller.enqueue('bad')
    controller.enqueue('good')
    await vi.waitUntil(() => calls.length === 4, { timeout: 20_000 })
    expect(calls).toEqual(['bad', 'good', 'bad', 'bad'])
    expect(errors).toEqual(['bad: not yet, true', 'bad: not yet, true'])
  })

  it('stops by telling the running reconcile and waiting for it, and starts nothing more', async () => {
    const seen: string[] = []
    const controller = start({
      async reconcile(key, signal) {
        seen.push(`start ${key}`)
        await sleep(60_000, undefined, { signal }).catch(() => undefined)
        await sleep(20)
        seen.push(`end ${key}`)
        return { requeueAfterMs: 0 }
      },
      workers: 1,
    })
    controller.enqueue('a')
    controller.enqueue('b')
    await vi.waitUntil(() => seen.length === 1, { timeout: 20_000 })
    await controller.stop()
    expect(seen).toEqual(['start a', 'end a'])
  })
})
