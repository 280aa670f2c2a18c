import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLanes } from './lanes.ts'

const { signal } = new AbortController()

it('lets as many in as there are lanes, first come, first served', async () => {
  const lanes = createLanes(1)
  const order: number[] = []
  await Promise.all([1, 2, 3].map((n) => lanes.run(async () => void order.push(n), signal)))
  expect(order).toEqual([1, 2, 3])
})

it('takes out of the line whose signal fires, and nobody else', async () => {
  const lanes = createLanes(1)
  const gate = Promise.withResolvers<void>()
  const leaving = new AbortController()
  const first = lanes.run(() => gate.promise, signal)
  const second = lanes.run(async () => 'second', leaving.signal)
  const third = lanes.run(async () => 'third', signal)
  leaving.abort(new Error('not wanted'))
  await expect(second).rejects.toThrow('not wanted')
  gate.resolve()
  await first
  expect(await third).toBe('third')
})

it('loses nobody when a signal fires in the moment in which its lane becomes free', async () => {
  const lanes = createLanes(1)
  const gate = Promise.withResolvers<void>()
  const leaving = new AbortController()
  const first = lanes.run(() => gate.promise, signal)
  const second = lanes.run(async () => 'second', leaving.signal)
  const third = lanes.run(async () => 'third', signal)
  await setImmediate()
  gate.resolve()
  // After the first has given its lane away, and before the second has taken note of it.
  queueMicrotask(() => leaving.abort())
  await first
  expect(await second).toBe('second')
  expect(await third).toBe('third')
})
