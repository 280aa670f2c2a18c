import type { Arrival } from '../autoscale/index.ts'

/** How many files had been accepted at a moment. */
export interface Sample {
  /** Milliseconds. */
  at: number
  accepted: number
}

const longMs = 120_000
const recentMs = 30_000
const bucketMs = 10_000

/** The samples with a new one, without those nobody will ask for. */
export function sampled(samples: readonly Sample[], sample: Sample): Sample[] {
  // The last one before the window stays: what was accepted since counts from it.
  const from = samples.findLastIndex(({ at }) => at <= sample.at - longMs)
  return [...samples.slice(Math.max(0, from)), sample]
}

/**
 * Work accepted per second. A file counts as the mean of those that are open, and as accepted when it was first seen;
 * before the first sample nothing was.
 *
 * @param meanSeconds of the open files
 */
export function arrivalOf(samples: readonly Sample[], meanSeconds: number): Arrival {
  const end = samples.at(-1)?.at ?? 0
  const buckets = Array.from({ length: longMs / bucketMs }, () => 0)
  samples.slice(1).forEach(({ at, accepted }, i) => {
    const bucket = Math.floor((end - at) / bucketMs)
    // Fewer than before means that batches were deleted: nothing arrived.
    const more = Math.max(0, accepted - (samples[i]?.accepted ?? accepted))
    if (bucket < buckets.length) buckets[bucket] = (buckets[bucket] ?? 0) + more
  })
  const rates = buckets.map((files) => (files * meanSeconds * 1000) / bucketMs)
  const mean = meanOf(rates)
  return {
    mean,
    sigma: Math.sqrt(meanOf(rates.map((rate) => (rate - mean) ** 2))),
    recent: meanOf(rates.slice(0, recentMs / bucketMs)),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
