import { expect, test } from 'vitest'
import { KompressorError } from '../../errors/index.ts'
import { Gate } from './gate.ts'

const now = () => performance.now()
const slow = { initial: 20, min: 1, max: 20 }

test('requests beyond the rate wait their turn, in order', async () => {
  const gate = new Gate(slow, now)
  const order: number[] = []
  const started = now()
  await Promise.all([0, 1, 2, 3, 4].map((n) => gate.enter(undefined).then(() => order.push(n))))
  expect(order).toEqual([0, 1, 2, 3, 4])
  // Two at once, then one in each 50 ms.
  expect(now() - started).toBeGreaterThan(140)
})

test('a refusal slows down those that wait already', async () => {
  const gate = new Gate({ initial: 50, min: 1, max: 50 }, now)
  const passes = await Promise.all(Array.from({ length: 5 }, () => gate.enter(undefined)))
  const waiting = gate.enter(undefined)
  passes[0]?.throttled()
  expect(gate.perSecond).toBe(5)
  const started = now()
  await waiting
  // A full turn at the new rate, not what was left of one at the old.
  expect(now() - started).toBeGreaterThan(100)
})

test('who gives up leaves the queue, and the others move up', async () => {
  const gate = new Gate(slow, now)
  await Promise.all([gate.enter(undefined), gate.enter(undefined)])
  const abort = new AbortController()
  const given = Array.from({ length: 100 }, () => gate.enter(abort.signal))
  const last = gate.enter(undefined)
  abort.abort(new KompressorError('shutting_down', 'stopping'))
  for (const each of await Promise.allSettled(given))
    expect(each).toMatchObject({ status: 'rejected', reason: { code: 'shutting_down' } })
  const started = now()
  await last
  expect(now() - started).toBeLessThan(2000)
})
