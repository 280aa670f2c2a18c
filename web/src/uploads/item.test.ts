import { expect, test } from 'vitest'
import { ApiError, unreachable } from '../api/problem.ts'
import { begin, due, fail, newItem, pause, progress, resume, succeed, type UploadItem } from './item.ts'

const item = newItem({ fileId: 'a', batchId: 'b', size: 100 })
const refused = new ApiError('The store is full.', { code: 'storage_full', status: 507, retryable: true })

test('a lost connection is waited for, longer each time, and for ever', () => {
  let now = 0
  let current = item
  const waits: number[] = []
  for (let i = 0; i < 8; i += 1) {
    current = fail(begin(current), unreachable(), now)
    expect(current.phase).toBe('waiting')
    waits.push(current.notBefore - now)
    now = current.notBefore
  }
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
  expect(progress(begin(current), 10).failures).toBe(0)
})

test('what does not pass by itself fails, keeps its reason, and goes on when somebody says so', () => {
  const failed = fail(progress(begin(item), 40), refused, 0)
  expect(failed).toMatchObject({ phase: 'failed', error: refused })
  const again = resume(failed)
  expect(again).toMatchObject({ phase: 'waiting', notBefore: 0 })
  expect(again).not.toHaveProperty('error')
})

test('pausing holds what is under way and leaves what is over', () => {
  expect(pause(item).phase).toBe('paused')
  expect(pause(progress(begin(item), 40))).toMatchObject({ phase: 'paused', sent: 40 })
  expect(pause(succeed(item)).phase).toBe('sent')
  expect(pause(fail(item, refused, 0)).phase).toBe('failed')
  expect(resume(pause(item)).phase).toBe('waiting')
  expect(resume(begin(item)).phase).toBe('sending')
})

test('late news of a try that was given up change nothing', () => {
  expect(progress(pause(begin(item)), 99).sent).toBe(0)
})

test('as many begin as there is room for, in their order, and none before its time', () => {
  const items: UploadItem[] = [
    begin(item),
    { ...item, fileId: 'late', notBefore: 10 },
    { ...item, fileId: 'b' },
    pause({ ...item, fileId: 'p' }),
    { ...item, fileId: 'c' },
    { ...item, fileId: 'd' },
  ]
  const ids = (limit: number, now: number) => due(items, { limit, now }).map(({ fileId }) => fileId)
  expect(ids(3, 0)).toEqual(['b', 'c'])
  expect(ids(3, 10)).toEqual(['late', 'b'])
  expect(ids(1, 10)).toEqual([])
})
