import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Compressor, createCompressor, defaultLimits } from '../../internal/codec/index.ts'
import { startProjector, startRelay } from '../../internal/delivery/index.ts'
import { KompressorError } from '../../internal/errors/index.ts'
import { deadLetterTopic } from '../../internal/messages/index.ts'
import type { ObjectStore } from '../../internal/objects/index.ts'
import { isUnwanted, retryFiles } from '../../internal/store/index.ts'
import { startWorker } from '../../internal/worker/index.ts'
import { fixtures } from '../fixtures/index.ts'
import { eventually, job, tenantId, useParts } from '../support/parts.ts'

const parts = useParts()
let compressor: Compressor
let running: { stop(): Promise<void> }[] = []
beforeAll(() => {
  compressor = createCompressor({ slots: 1 })
})
afterAll(() => compressor.close())
afterEach(async () => {
  for (const part of running.reverse()) await part.stop()
  running = []
})

/**
 * The whole of delivery over an object store whose next reads of bytes fail `left` times (Infinity: until it is set), or
 * that answers nothing at all while it is `away`.
 */
async function deliver(fault: { left: number; away?: boolean }) {
  const { store, broker, deps } = parts
  const objects = new Proxy<ObjectStore>(parts.objects, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]) => {
        if (fault.away || (name === 'getFile' && fault.left-- > 0)) {
          throw new KompressorError('storage_unavailable', 'the store is away')
        }
        return member.apply(target, args)
      }
    },
  })
  const onCrash = (error: Error) => expect.unreachable(String(error))
  running.push(await startProjector({ ...deps, store, broker, random: () => 1, onCrash }))
  running.push(
    await startWorker({
      ...deps,
      broker,
      objects,
      compressor,
      topic: job.topic,
      group: job.group,
      control: { isUnwanted: (work) => isUnwanted(store.db, work) },
      limits: defaultLimits,
      scratchDir: parts.scratch(),
      name: 'tester',
      onCrash,
    }),
  )
  running.push(await startRelay({ ...deps, store, broker, wantedSlots: () => 1 }))
}

/** Waits until an attempt has been folded, and returns the milliseconds its back-off lasts. */
async function backoffAfter(id: string, attempt: number): Promise<number> {
  await eventually(async () => (await parts.file(id)).attempt).toBe(attempt + 1)
  const { queuedAt } = await parts.file(id)
  return (queuedAt?.getTime() ?? 0) - parts.now().getTime()
}

async function sleepThrough(ms: number) {
  parts.advance(ms)
  await parts.notifyTasks()
}

test('a file outlives reads of it that fail for a while, waiting longer after each attempt', async () => {
  const file = await parts.submit(fixtures.log())
  await deliver({ left: 3 })
  const waits: number[] = []
  for (const attempt of [1, 2, 3]) {
    const wait = await backoffAfter(file.id, attempt)
    waits.push(wait)
    await sleepThrough(wait)
  }
  expect(waits).toEqual([1_000, 2_000, 4_000])
  await eventually(async () => (await parts.file(file.id)).state).toBe('completed')
  const done = await parts.file(file.id)
  expect(done).toMatchObject({ attempt: 4, errorCode: null, result: { outcome: 'compressed' } })
  expect(done.history.map(({ attempt, code }) => [attempt, code])).toEqual([
    [1, 'storage_unavailable'],
    [2, 'storage_unavailable'],
    [3, 'storage_unavailable'],
  ])
  expect(await parts.keys('out/')).toEqual(done.result?.outputs.map((output) => output.key))
  expect(await parts.records(deadLetterTopic)).toEqual([])
})

test('a store that answers nothing at all uses up no attempt, however long it is away', async () => {
  await parts.store.db.execute(sql`update jobs set max_attempts = 2`)
  const file = await parts.submit(fixtures.log())
  const fault = { left: 0, away: true }
  await deliver(fault)
  const waits: number[] = []
  for (const attempt of [1, 2, 3, 4]) {
    const wait = await backoffAfter(file.id, attempt)
    waits.push(wait)
    await sleepThrough(wait)
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000])
  fault.away = false
  await eventually(async () => {
    await sleepThrough(60_000)
    return (await parts.file(file.id)).state
  }).toBe('completed')
  expect(await parts.file(file.id)).toMatchObject({ failures: 0, result: { outcome: 'compressed' } })
})

test('a file whose attempts are used up fails with its history, and a retry call brings it back', async () => {
  await parts.store.db.execute(sql`update jobs set max_attempts = 3`)
  const file = await parts.submit(fixtures.log())
  const fault = { left: Number.POSITIVE_INFINITY }
  await deliver(fault)
  for (const attempt of [1, 2]) await sleepThrough(await backoffAfter(file.id, attempt))
  await eventually(async () => (await parts.file(file.id)).state).toBe('failed')
  const failed = await parts.file(file.id)
  expect(failed).toMatchObject({ attempt: 3, failures: 3, errorCode: 'storage_unavailable' })
  await eventually(async () => (await parts.records(deadLetterTopic)).length).toBe(1)
  const [letter] = await parts.records(deadLetterTopic)
  expect(JSON.parse(letter?.value ?? '')).toMatchObject({
    fileId: file.id,
    attempts: 3,
    history: failed.history,
  })
  expect(failed.history).toHaveLength(3)

  fault.left = 0
  expect(await retryFiles(parts.store.db, { tenantId, fileId: file.id, now: parts.now() })).toBe(1)
  await eventually(async () => (await parts.file(file.id)).state).toBe('completed')
  expect(await parts.file(file.id)).toMatchObject({ attempt: 4, history: failed.history })
})
