import { expect, test } from 'vitest'
import { most, seriesOf } from './series.ts'
import type { Activity } from './use-activity.ts'

const bucket = (second: number, completed = 0, failed = 0) => ({
  at: new Date(second * 1000).toISOString(),
  open: 7,
  completed,
  failed,
  retried: 0,
  bytes: { in: 1000, out: 400, saved: 600 },
})
const activity = (now: number, ...buckets: Activity['buckets']): Activity => ({
  window: '1h',
  bucketSeconds: 30,
  at: new Date(now * 1000).toISOString(),
  open: 0,
  total: { completed: 0, failed: 0, retried: 0, bytes: { in: 0, out: 0, saved: 0 } },
  buckets,
})

test('counts become rates a minute, and shares only where something ended', () => {
  const series = seriesOf(activity(100, bucket(0, 10, 0), bucket(30, 3, 1), bucket(60)))
  expect(series.times).toEqual([0, 30, 60])
  expect(series.done).toEqual([20, 6, 0])
  expect(series.failed).toEqual([0, 2, 0])
  expect(series.saved).toEqual([1200, 1200, 1200])
  expect(series.errorRate).toEqual([0, 0.25, null])
  expect(series.p50).toEqual([null, null, null])
  expect(series.open).toEqual([7, 7, 7])
})

test('the last bucket counts by the time that has passed in it, and not before half of it has', () => {
  expect(seriesOf(activity(20, bucket(0, 10))).done).toEqual([30])
  expect(seriesOf(activity(14, bucket(0, 10))).done).toEqual([null])
})

test('saved bytes do not fall below nothing, and the most of nothing is nothing', () => {
  const grown = { ...bucket(0, 1), bytes: { in: 400, out: 1000, saved: -600 } }
  expect(seriesOf(activity(30, grown)).saved).toEqual([0])
  expect(most([null, null])).toBe(0)
  expect(most([null, 3, 2])).toBe(3)
})
