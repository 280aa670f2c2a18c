import { expect, test } from 'vitest'
import { createLogger } from '../telemetry/index.ts'
import { supervise } from './supervise.ts'

const logger = createLogger({ level: 'silent', format: 'json', destination: process.stdout })
const settings = { name: 'part', logger, backoffMs: { first: 1, last: 4 } }

/** Notes starts and stops; each start hands over how to crash. */
function scripted(onStart: (n: number, crash: (error: Error) => void) => void = () => undefined) {
  const log: string[] = []
  const crash: ((error: Error) => void)[] = []
  return {
    log,
    crash,
    async start(onCrash: (error: Error) => void) {
      const n = crash.push(onCrash)
      onStart(n, onCrash)
      log.push(`start ${n}`)
      return {
        stop: async ({ graceMs = -1 } = {}) => {
          log.push(`stop ${n} ${graceMs}`)
        },
      }
    },
  }
}

test('a component that crashes is stopped at once and started again', async () => {
  const part = scripted()
  const supervised = await supervise({ ...settings, start: part.start })
  part.crash[0]?.(new Error('broken'))
  await expect.poll(() => part.log, { timeout: 10_000 }).toEqual(['start 1', 'stop 1 0', 'start 2'])
  await supervised.stop({ graceMs: 7 })
  expect(part.log.at(-1)).toBe('stop 2 7')
})

test('a start that fails is tried again', async () => {
  const part = scripted((n) => {
    if (n === 2 || n === 3) throw new Error('not yet')
  })
  const supervised = await supervise({ ...settings, start: part.start })
  part.crash[0]?.(new Error('broken'))
  await expect.poll(() => part.log, { timeout: 10_000 }).toEqual(['start 1', 'stop 1 0', 'start 4'])
  await supervised.stop()
})

test('the first start is the caller’s to see fail', async () => {
  const part = scripted(() => {
    throw new Error('never')
  })
  await expect(supervise({ ...settings, start: part.start })).rejects.toThrow('never')
})

test('a component that crashes before its start has returned is started again', async () => {
  const part = scripted((n, crash) => {
    if (n === 1) crash(new Error('at once'))
  })
  const supervised = await supervise({ ...settings, start: part.start })
  await expect.poll(() => part.log, { timeout: 10_000 }).toEqual(['start 1', 'stop 1 0', 'start 2'])
  await supervised.stop()
})

test('stopping ends the wait for a restart, and the crashed component is not stopped twice', async () => {
  const part = scripted()
  const backoffMs = { first: 3_600_000, last: 3_600_000 }
  const supervised = await supervise({ ...settings, backoffMs, start: part.start })
  part.crash[0]?.(new Error('broken'))
  await expect.poll(() => part.log, { timeout: 10_000 }).toEqual(['start 1', 'stop 1 0'])
  await supervised.stop()
  part.crash[0]?.(new Error('too late'))
  expect(part.log).toEqual(['start 1', 'stop 1 0'])
})
