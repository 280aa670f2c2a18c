import type { Arrival } from './snapshot.ts'

/** What was open and in work at a moment. */
export interface Sample {
  /** Milliseconds. */
  at: number
  /** Slots that are busy: tasks in work. */
  busy: number
  /** Predicted work of all open tasks, seconds. */
  openSeconds: number
}

const longMs = 120_000
const recentMs = 30_000
const bucketMs = 10_000

/** The samples with a new one, without those nobody will ask for. */
export function sampled(samples: readonly Sample[], sample: Sample): Sample[] {
  // The last one before the window stays: what came since counts from it.
  const from = samples.findLastIndex(({ at }) => at <= sample.at - longMs)
  return [...samples.slice(Math.max(0, from)), sample]
}

/**
 * Work accepted per second: what was done meanwhile and what is open more than before. What is done is counted by the
 * slots that were busy, not by predictions (the utilisation law), so that files which take longer than predicted, or a
 * store that is slow, count as what they are; and not by the mean of what is open, where long tasks are met more often
 * than they come. Before the first sample nothing came.
 */
export function arrivalOf(samples: readonly Sample[]): Arrival {
  const end = samples.at(-1)?.at ?? 0
  const buckets = Array.from({ length: longMs / bucketMs }, () => 0)
  samples.slice(1).forEach((sample, i) => {
    const before = samples[i] ?? sample
    const bucket = Math.floor((end - sample.at) / bucketMs)
    const seconds = (sample.at - before.at) / 1000
    const came = ((sample.busy + before.busy) / 2) * seconds + sample.openSeconds - before.openSeconds
    if (bucket < buckets.length) buckets[bucket] = (buckets[bucket] ?? 0) + came
  })
  const rates = buckets.map((seconds) => (seconds * 1000) / bucketMs)
  const mean = meanOf(rates)
  return {
    // Tasks that were predicted to take longer than they did, or were cancelled, can make it negative.
    mean: Math.max(0, mean),
    sigma: Math.sqrt(meanOf(rates.map((rate) => (rate - mean) ** 2))),
    recent: Math.max(0, meanOf(rates.slice(0, recentMs / bucketMs))),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
