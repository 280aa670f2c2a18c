import { expect, test } from 'vitest'
import { startLoop } from './loop.ts'

const settings = { minIntervalMs: 0, errorDelayMs: 5, onError: () => undefined }

test('a loop runs at once and then sleeps until it is woken', async () => {
  let rounds = 0
  const loop = startLoop({
    ...settings,
    round: async () => {
      rounds++
      return 60_000
    },
  })
  await expect.poll(() => rounds).toBe(1)
  loop.wake()
  await expect.poll(() => rounds).toBe(2)
  await loop.stop()
})

test('a wake during a round is not lost', async () => {
  let rounds = 0
  const inRound = Promise.withResolvers<void>()
  const loop = startLoop({
    ...settings,
    round: async () => {
      rounds++
      if (rounds === 1) await inRound.promise
      return 60_000
    },
  })
  loop.wake()
  inRound.resolve()
  await expect.poll(() => rounds).toBe(2)
  await loop.stop()
})

test('wakes that come quickly share a round', async () => {
  let rounds = 0
  const loop = startLoop({
    ...settings,
    minIntervalMs: 200,
    round: async () => {
      rounds++
      return 60_000
    },
  })
  await expect.poll(() => rounds).toBe(1)
  for (let i = 0; i < 50; i++) {
    loop.wake()
    await new Promise(setImmediate)
  }
  await expect.poll(() => rounds).toBe(2)
  await loop.stop()
  expect(rounds).toBe(2)
})

test('a round that throws is reported and tried again', async () => {
  const errors: unknown[] = []
  let rounds = 0
  const loop = startLoop({
    ...settings,
    onError: (error) => errors.push(error),
    round: async () => {
      rounds++
      if (rounds === 1) throw new Error('away')
      return 60_000
    },
  })
  await expect.poll(() => rounds).toBe(2)
  expect(errors).toEqual([new Error('away')])
  await loop.stop()
})

test('stop waits for the round that is running and ends the pause at once', async () => {
  const inRound = Promise.withResolvers<void>()
  let ended = false
  const loop = startLoop({
    ...settings,
    round: async () => {
      await inRound.promise
      ended = true
      return 60_000
    },
  })
  const stopped = loop.stop()
  inRound.resolve()
  await stopped
  expect(ended).toBe(true)
})
