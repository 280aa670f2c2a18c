import { expect, test } from 'vitest'
import { sayGoodbye } from './goodbye.ts'

test('a client that waits for an answer nobody gives is left behind', async () => {
  await expect(sayGoodbye({ disconnect: () => new Promise(() => undefined) }, 20)).resolves.toBeUndefined()
})

test('a client that disconnects is not waited for longer, and what it says is passed on', async () => {
  const began = performance.now()
  await sayGoodbye({ disconnect: async () => undefined }, 60_000)
  await expect(sayGoodbye({ disconnect: () => Promise.reject(new Error('no')) }, 60_000)).rejects.toThrow(
    'no',
  )
  expect(performance.now() - began).toBeLessThan(30_000)
})
