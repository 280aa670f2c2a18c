import { join } from 'node:path'
import { type CompressionOptions, predictUploadCost } from '../codec/index.ts'
import { KompressorError } from '../errors/index.ts'
import type { Frame } from '../estimate/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { createFilter, type SourceFilter } from '../source/index.ts'
import type { SurveySource } from './survey.ts'

export interface BucketListing {
  store: Pick<ObjectStore, 'list'>
  prefix: string
  filter: SourceFilter
  options: CompressionOptions
  now: Date
  signal: AbortSignal
}

/** Objects that a job would skip without looking into them, by why. */
export type SkippedObjects = Map<string, number>

const dayMs = 86_400_000

/** Lists what a job over this prefix would work on into a frame, which is all that is held of it. */
export async function listBucket(frame: Frame<string>, listing: BucketListing): Promise<SkippedObjects> {
  const { store, prefix, filter, options, now, signal } = listing
  const decide = createFilter(filter, prefix)
  const skipped: SkippedObjects = new Map()
  let startAfter: string | undefined
  do {
    signal.throwIfAborted()
    const { items, next } = await store.list({ prefix, ...(startAfter !== undefined && { startAfter }) })
    for (const item of items) {
      const verdict = decide(item)
      if (verdict === 'work') {
        const { key, size, attributes, lastModified } = item
        frame.add({
          path: key.slice(prefix.length),
          size,
          predictedMs: predictUploadCost({ name: key, size }, options),
          storageClass: attributes.storageClass ?? 'STANDARD',
          ageDays: (now.getTime() - lastModified.getTime()) / dayMs,
          ref: key,
        })
      } else if (verdict !== 'left_out') skipped.set(verdict, (skipped.get(verdict) ?? 0) + 1)
    }
    startAfter = next
  } while (startAfter !== undefined)
  return skipped
}

/** Objects of a bucket, by their keys. */
export function bucketSource(store: Pick<ObjectStore, 'getFile'>): SurveySource<string> {
  return {
    async fetch({ ref, size }, folder, signal) {
      const path = join(folder, 'input')
      const info = await store.getFile(ref, path, { signal })
      if (info.size === size) return path
      // Its weight in the sample was that of another file.
      throw new KompressorError('input_missing', `${ref} was replaced after it was listed`)
    },
  }
}
