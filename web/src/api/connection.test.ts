import { QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Connection, healthKey } from './connection.ts'
import { ApiError, unreachable } from './problem.ts'
import { createQueryClient } from './query.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function start() {
  const queries = createQueryClient()
  const connection = new Connection(queries)
  let isThere = true
  const asked = { health: 0, batches: 0 }
  const observe = (queryKey: readonly string[], what: keyof typeof asked, retryDelay: number) => {
    const queryFn = async () => {
      asked[what] += 1
      if (!isThere) throw unreachable()
      return asked[what]
    }
    return new QueryObserver(queries, { queryKey, queryFn, retryDelay }).subscribe(() => undefined)
  }
  const stops = [observe(healthKey, 'health', 2000), observe(['batches'], 'batches', 60_000)]
  const back = vi.fn()
  connection.onBack(back)
  return {
    asked,
    back,
    connection,
    lookAtBatches: () => void queries.refetchQueries({ queryKey: ['batches'] }),
    leave: () => {
      isThere = false
    },
    comeBack: () => {
      isThere = true
    },
    stop: () => {
      for (const stop of stops) stop()
      queries.clear()
    },
  }
}

test('a query that gets no answer makes the service be asked, and is tried again as soon as it answers', async () => {
  const { asked, back, lookAtBatches, leave, comeBack, stop } = start()
  await vi.advanceTimersByTimeAsync(100)
  expect(asked).toEqual({ health: 1, batches: 1 })
  leave()
  lookAtBatches()
  await vi.advanceTimersByTimeAsync(100)
  expect(asked).toEqual({ health: 2, batches: 2 })
  await vi.advanceTimersByTimeAsync(4000)
  expect(asked).toEqual({ health: 4, batches: 2 })
  comeBack()
  expect(back).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2000)
  expect(asked).toEqual({ health: 5, batches: 3 })
  expect(back).toHaveBeenCalledOnce()
  stop()
})

test('doubts while the service is being asked do not make it be asked more often', async () => {
  const { asked, back, connection, leave, stop } = start()
  await vi.advanceTimersByTimeAsync(100)
  leave()
  for (let i = 0; i < 10; i += 1) connection.doubt()
  await vi.advanceTimersByTimeAsync(100)
  for (let i = 0; i < 10; i += 1) connection.doubt()
  expect(asked.health).toBe(2)
  expect(back).not.toHaveBeenCalled()
  stop()
})

test('a query that is refused says nothing about the service', async () => {
  const { asked, stop } = start()
  const queries = createQueryClient()
  const connection = new Connection(queries)
  const doubt = vi.spyOn(connection, 'doubt')
  const refused = new ApiError('It is full.', { code: 'storage_full', status: 507, retryable: true })
  const unsubscribe = new QueryObserver(queries, {
    queryKey: ['refused'],
    queryFn: () => Promise.reject(refused),
  }).subscribe(() => undefined)
  await vi.advanceTimersByTimeAsync(100)
  expect(doubt).not.toHaveBeenCalled()
  expect(asked.health).toBe(1)
  unsubscribe()
  stop()
})
