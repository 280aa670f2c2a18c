import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { pause } from './pause.ts'

const { signal: never } = new AbortController()

test('waits as long as it is told', async () => {
  const began = performance.now()
  await pause(50, never)
  // Timers count whole milliseconds.
  expect(performance.now() - began).toBeGreaterThanOrEqual(49)
})

test.each([0, -1])('does not wait %d ms, not even for the next turn', async (ms) => {
  const nextTurn = new Promise((resolve) => setImmediate(() => resolve('waited')))
  expect(await Promise.race([pause(ms, never).then(() => 'at once'), nextTurn])).toBe('at once')
})

test('ends without an error when the signal fires, before or while it waits', async () => {
  await expect(pause(60_000, AbortSignal.abort())).resolves.toBeUndefined()
  const stopping = new AbortController()
  const paused = pause(60_000, stopping.signal)
  stopping.abort()
  await expect(paused).resolves.toBeUndefined()
})

test('waits longer than a timer of Node can count', async () => {
  const stopping = new AbortController()
  const paused = pause(Number.POSITIVE_INFINITY, stopping.signal)
  expect(await Promise.race([paused.then(() => 'over'), pause(20, never).then(() => 'waiting')])).toBe(
    'waiting',
  )
  stopping.abort()
  await paused
})

test('leaves nothing on the signal', async () => {
  await pause(1, never)
  expect(getEventListeners(never, 'abort')).toEqual([])
})
