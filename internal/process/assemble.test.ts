import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLogger } from '../telemetry/index.ts'
import { assemble } from './assemble.ts'

let said: string[]
let logger: ReturnType<typeof createLogger>
beforeEach(() => {
  vi.useFakeTimers()
  said = []
  const destination = new PassThrough().on('data', (line) => said.push(JSON.parse(String(line)).msg))
  logger = createLogger({ level: 'warn', format: 'json', destination })
})
afterEach(() => void vi.useRealTimers())

/** A process of these parts, which note their end. */
async function processOf(...parts: readonly [string, (graceMs: number) => Promise<void>][]) {
  const ended: string[] = []
  const assembled = await assemble(logger, async (onStop) => {
    for (const [part, stop] of parts) {
      onStop(part, async (graceMs) => {
        await stop(graceMs)
        ended.push(part)
      })
    }
    return 'http://localhost'
  })
  return { assembled, ended }
}

test('parts are stopped in reverse, each with the grace there is', async () => {
  const graces: number[] = []
  const stop = async (graceMs: number) => void graces.push(graceMs)
  const { assembled, ended } = await processOf(['store', stop], ['relay', stop])
  await assembled.stop({ graceMs: 7 })
  expect([ended, graces]).toEqual([
    ['relay', 'store'],
    [7, 7],
  ])
})

test('one that fails does not keep the others', async () => {
  const { assembled, ended } = await processOf(
    ['store', async () => undefined],
    ['relay', () => Promise.reject(new Error('no'))],
  )
  await expect(assembled.stop()).rejects.toThrow('no')
  expect(ended).toEqual(['store'])
})

test('one that does not stop is named, once its grace and some more are over', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { assembled, ended } = await processOf(['store', async () => undefined], ['relay', () => promise])
  const stopped = assembled.stop({ graceMs: 1_000 })
  await vi.advanceTimersByTimeAsync(5_900)
  expect(said).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect(said).toEqual(['still stopping: relay'])
  resolve()
  await stopped
  expect(ended).toEqual(['relay', 'store'])
})
