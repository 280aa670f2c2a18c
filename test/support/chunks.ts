import { defaultOptions } from '../../internal/codec/index.ts'
import type {
  ChunkObject,
  ChunkTask,
  OutputRules,
  PlanPage,
  SourceRules,
} from '../../internal/messages/index.ts'
import { defaultKeyTemplate } from '../../internal/outputs/index.ts'
import { addPage, createFiniteJob, type Store } from '../../internal/store/index.ts'

export const chunkJob = {
  uid: 'job-uid-1',
  batchId: 'job-batch-1',
  topic: 'file-compression.test.photos.job-uid-',
  group: 'kompressor.test.photos.job-uid-',
} as const

export const sourceRules: SourceRules = { bucket: 'originals', prefix: 'photos/' }
export const outputRules: OutputRules = {
  prefix: 'web/',
  keyTemplate: defaultKeyTemplate,
  onExisting: 'Skip',
  preserve: ['UserMetadata', 'CacheControl', 'ContentDisposition', 'Tags', 'StorageClass'],
}

/** A finite job with nothing planned. */
export function newChunkJob(store: Store, overrides: { output?: OutputRules; maxAttempts?: number } = {}) {
  return createFiniteJob(store.db, {
    uid: chunkJob.uid,
    tenantId: 'default',
    namespace: 'test',
    name: 'photos',
    topic: chunkJob.topic,
    consumerGroup: chunkJob.group,
    partitions: 2,
    maxAttempts: overrides.maxAttempts ?? 3,
    initialBackoffMs: 1_000,
    maxBackoffMs: 10_000,
    source: sourceRules,
    output: overrides.output ?? outputRules,
    batch: {
      id: chunkJob.batchId,
      options: defaultOptions,
      tags: {},
      expiresAt: new Date('2030-01-01T00:00:00Z'),
    },
  })
}

export function objectsNamed(...names: string[]): ChunkObject[] {
  return names.map((name) => ({ key: `photos/${name}`, size: 100, etag: `etag-${name}` }))
}

/** Plans these chunks as the first and last page. */
export function planChunks(
  store: Store,
  chunks: readonly (readonly ChunkObject[])[],
  now: Date,
  page: Partial<PlanPage> = {},
) {
  return addPage(
    store.db,
    chunkJob.uid,
    {
      page: 0,
      chunks: chunks.map((objects) => ({ objects: [...objects], cost: objects.length * 100 })),
      settled: [],
      leftOut: 0,
      ...page,
    },
    now,
  )
}

/** The record the relay would publish for a chunk. */
export function chunkTask(objects: readonly ChunkObject[], overrides: Partial<ChunkTask> = {}): ChunkTask {
  return {
    kind: 'chunk',
    taskId: 'chunk-1',
    attempt: 1,
    tenantId: 'default',
    jobUid: chunkJob.uid,
    batchId: chunkJob.batchId,
    options: defaultOptions,
    attemptsLeft: 3,
    source: sourceRules,
    output: outputRules,
    ledger: '.kompressor/test.photos.job-uid-/ledger/',
    objects: [...objects],
    ...overrides,
  }
}
