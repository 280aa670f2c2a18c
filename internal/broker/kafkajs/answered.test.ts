import { expect, test } from 'vitest'
import { answered } from './answered.ts'
import { isPassing } from './errors.ts'

test('silence is a failure that passes', async () => {
  const error = await answered(new Promise(() => undefined), 20).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ message: 'no answer came within 0.02 s' })
  expect(isPassing(error)).toBe(true)
})

test('an answer is passed on, and so is a failure, without waiting for more', async () => {
  const began = performance.now()
  await expect(answered(Promise.resolve(7), 60_000)).resolves.toBe(7)
  await expect(answered(Promise.reject(new Error('no')), 60_000)).rejects.toThrow('no')
  expect(performance.now() - began).toBeLessThan(30_000)
})
