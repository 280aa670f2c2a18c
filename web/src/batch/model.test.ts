import { expect, test } from 'vitest'
import type { ApiEvent, ApiFile, Batch } from '../api/index.ts'
import { isInView, select, viewCounts } from './filter.ts'
import { BatchModel } from './model.ts'

const at = '2026-01-01T00:00:00.000Z'
const batch: Batch = {
  id: 'b',
  job: 'default',
  state: 'running',
  sealed: true,
  files: { total: 0, pending: 0, queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
  bytes: { in: 0, out: 0, saved: 0 },
  tags: {},
  lastEvent: 0,
  createdAt: at,
}

const file = (id: string, state: ApiFile['state'] = 'pending'): ApiFile => ({
  id,
  batchId: 'b',
  job: 'default',
  name: `${id}.JPG`,
  state,
  size: 1000,
  tags: {},
  attempts: 1,
  createdAt: at,
  updatedAt: at,
})

const event = (type: ApiEvent['type'], state: ApiEvent['state'], more: Partial<ApiEvent> = {}): ApiEvent => ({
  seq: 1,
  type,
  state,
  batchId: 'b',
  at,
  ...more,
})

const result = (
  outcome: 'compressed' | 'kept_original',
  bytesOut: number,
): NonNullable<ApiEvent['result']> => ({
  outcome,
  bytesIn: 1000,
  bytesOut,
  cpuMs: 1,
  outputs: [],
})

test('sums follow the rows through everything that happens to them', () => {
  const model = new BatchModel(batch)
  model.addFiles([file('a'), file('b'), file('c')])
  expect(model.sums).toMatchObject({ files: 3, pending: 3 })
  model.apply(event('file.started', 'processing', { fileId: 'a', attempt: 1 }))
  model.apply(event('file.completed', 'completed', { fileId: 'a', result: result('compressed', 400) }))
  model.apply(event('file.completed', 'completed', { fileId: 'b', result: result('kept_original', 1000) }))
  const error = { code: 'corrupt_input', message: 'no' } as const
  model.apply(event('file.failed', 'failed', { fileId: 'c', error }))
  expect(model.sums).toMatchObject({
    ...{ files: 3, pending: 0, processing: 0, completed: 2, failed: 1 },
    ...{ compressed: 1, kept: 1, bytesIn: 2000, bytesOut: 1400 },
  })
  expect(model.row('c')).toMatchObject({ name: 'c.JPG', size: 1000, error })
  model.apply(event('batch.completed', 'completed'))
  expect(model.batch).toMatchObject({ state: 'completed', completedAt: at })
})

test('events that are seen again, or that the rows have overtaken, do no harm in the end', () => {
  const model = new BatchModel(batch)
  const done = event('file.completed', 'completed', { fileId: 'a', result: result('compressed', 400) })
  model.addFiles([file('a', 'completed')])
  for (const one of [event('file.started', 'processing', { fileId: 'a' }), done, done]) model.apply(one)
  expect(model.sums).toMatchObject({ files: 1, completed: 1, processing: 0, compressed: 1, bytesIn: 1000 })
})

test('a retry clears the fault, and takes a batch that was over up again', () => {
  const model = new BatchModel({ ...batch, state: 'completed' })
  model.addFiles([{ ...file('a', 'failed'), error: { code: 'codec_timeout', message: 'slow', history: [] } }])
  model.apply(event('file.queued', 'queued', { fileId: 'a', attempt: 2 }))
  expect(model.row('a')).toMatchObject({ state: 'queued', attempts: 2 })
  expect(model.row('a')).not.toHaveProperty('error')
  expect(model.batch.state).toBe('running')
})

test('files that are erased leave the list, and the others are still found', () => {
  const model = new BatchModel(batch)
  model.addFiles([file('a'), file('b'), file('c')])
  model.apply(event('file.deleted', 'pending', { fileId: 'a' }))
  expect(model.rows.map(({ id }) => id)).toEqual(['b', 'c'])
  model.apply(event('file.queued', 'queued', { fileId: 'c' }))
  expect(model.rows.map(({ state }) => state)).toEqual(['pending', 'queued'])
  expect(model.sums.files).toBe(2)
})

test('a file that was added elsewhere appears', () => {
  const model = new BatchModel(batch)
  model.apply(event('file.queued', 'queued', { fileId: 'new', name: 'new.png', size: 5 }))
  expect(model.rows).toEqual([{ id: 'new', name: 'new.png', state: 'queued', attempts: 1, size: 5 }])
})

test('views show what they are named for, and count what they show', () => {
  const model = new BatchModel(batch)
  model.addFiles([
    file('wait'),
    { ...file('small', 'completed'), result: result('compressed', 1) },
    { ...file('kept', 'completed'), result: result('kept_original', 1000) },
    file('bad', 'failed'),
    file('off', 'cancelled'),
  ])
  const counts = viewCounts(model.sums)
  for (const view of ['all', 'open', 'compressed', 'kept', 'failed', 'cancelled'] as const) {
    expect(model.rows.filter((row) => isInView(row, view))).toHaveLength(counts[view])
  }
  expect(select(model.rows, 'kept', ' KEP').map(({ id }) => id)).toEqual(['kept'])
  expect(select(model.rows, 'all', '.jpg')).toHaveLength(5)
  expect(select(model.rows, 'failed', 'kept')).toEqual([])
})
