import type { Activity } from './use-activity.ts'

type Values = (number | null)[]

/** What the charts show, one value for each time. */
export interface ActivitySeries {
  /** Seconds since the epoch: the begin of each bucket. */
  times: number[]
  /** Files a minute. */
  done: Values
  failed: Values
  /** Bytes a minute. */
  saved: Values
  /** Tasks. */
  open: Values
  /** Failed of all that ended, 0 to 1; nothing where nothing ended. */
  errorRate: Values
  /** Milliseconds. */
  p50: Values
  p95: Values
}

/**
 * Rates of the buckets of an activity. The last bucket is not over: it counts by the time that has passed in it, and not at
 * all as long as that is less than half, because one file in the first second is no burst.
 */
export function seriesOf({ buckets, bucketSeconds, at }: Activity): ActivitySeries {
  const now = Date.parse(at) / 1000
  const series: ActivitySeries = {
    times: [],
    done: [],
    failed: [],
    saved: [],
    open: [],
    errorRate: [],
    p50: [],
    p95: [],
  }
  for (const { at: begin, open, completed, failed, bytes, latencyMs } of buckets) {
    const time = Date.parse(begin) / 1000
    const passed = Math.min(bucketSeconds, now - time)
    const rate = (value: number) => (passed < bucketSeconds / 2 ? null : (value * 60) / passed)
    const ended = completed + failed
    series.times.push(time)
    series.done.push(rate(completed))
    series.failed.push(rate(failed))
    series.saved.push(rate(Math.max(0, bytes.saved)))
    series.open.push(open)
    series.errorRate.push(ended === 0 ? null : failed / ended)
    series.p50.push(latencyMs?.p50 ?? null)
    series.p95.push(latencyMs?.p95 ?? null)
  }
  return series
}

/** The greatest of them; 0 when there are none. */
export function most(values: readonly (number | null)[]): number {
  return values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0)
}
