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

test.each([0, -1])('does not wait %d ms', async (ms) => {
  await pause(ms, never)
})

test('ends without an error when the signal fires, before or while it waits', async () => {
  await pause(60_000, AbortSignal.abort())
  const stopping = new AbortController()
  const paused = pause(60_000, stopping.signal)
  stopping.abort()
  await paused
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
