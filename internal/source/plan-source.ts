import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type CompressionOptions, identityHasher } from '../codec/index.ts'
import { KompressorError } from '../errors/index.ts'
import { type DoneIndex, faultsKey, openDoneIndex, writePart } from '../ledger/index.ts'
import type { OutputRules, PlanState, SourceRules } from '../messages/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { entryOf, planList, readCsv } from './list/index.ts'
import { type PlanSink, planPrefix } from './planner.ts'
import type { ReadRules } from './read-rules.ts'

export interface PlanSource {
  reads: ReadRules
  source: SourceRules
  output: OutputRules
  options: CompressionOptions
  /** Where the job's ledger parts go in the output bucket, with a slash at its end. */
  ledger: string
  stores: {
    /** What is listed, or has the list. */
    source?: Pick<ObjectStore, 'list' | 'get'> | undefined
    output: ObjectStore
  }
  /** Whether outputs go to further buckets: what an earlier job did says nothing of those, so that each is looked at. */
  isReplicated: boolean
  /** The list itself, where it lies in no bucket; undefined while it is not there. */
  listText?: string | undefined
  sink: PlanSink
  clock: () => Date
  signal: AbortSignal
}

/**
 * Plans whatever a job reads. Goes on where the plan is. Throws invalid_configuration (no bucket to read), list_missing,
 * bad_list, and what the stores and the sink say.
 */
export function planSource(job: PlanSource): Promise<PlanState> {
  const { reads } = job
  switch (reads.kind) {
    case 'prefix':
      return planBucket(job, reads)
    case 'csv':
      return planCsv(job, reads)
    case 'urls': {
      const entries = reads.urls.map((url, index) => entryOf(index + 1, url))
      return planList({ ...listOf(job), entries, version: 'spec' })
    }
  }
}

async function planBucket(
  job: PlanSource,
  { filter }: Extract<ReadRules, { kind: 'prefix' }>,
): Promise<PlanState> {
  const { source, options, sink, signal, stores } = job
  const { bucket, prefix } = source
  const identityOf = identityHasher(options)
  const done = job.isReplicated ? nothingDone : await openDoneIndex(stores.output, job)
  try {
    return await planPrefix({
      source: bucketOf(job),
      prefix,
      filter,
      options,
      sink,
      doneBefore: ({ key, etag }) => done.find(key, identityOf({ bucket, key, version: etag })),
      signal,
    })
  } finally {
    await done.close()
  }
}

const nothingDone: DoneIndex = { find: async () => undefined, close: async () => undefined }

async function planCsv(
  job: PlanSource,
  { rules, key, name }: Extract<ReadRules, { kind: 'csv' }>,
): Promise<PlanState> {
  const { body, version } = key === undefined ? textOf(job, name) : await openList(job, key, name)
  try {
    return await planList({ ...listOf(job), entries: readCsv(body, rules), version })
  } finally {
    body.destroy()
  }
}

function textOf({ listText }: PlanSource, name: string) {
  if (listText === undefined) throw missing(name)
  return {
    body: Readable.from([Buffer.from(listText)]),
    version: createHash('sha256').update(listText).digest('hex'),
  }
}

async function openList(job: PlanSource, key: string, name: string) {
  try {
    const { info, body } = await bucketOf(job).get(key, { signal: job.signal })
    return { body, version: info.etag }
  } catch (error) {
    if (error instanceof KompressorError && error.code === 'object_not_found') throw missing(name, error)
    throw error
  }
}

function bucketOf({ stores: { source } }: PlanSource) {
  if (source !== undefined) return source
  throw new KompressorError('invalid_configuration', 'set --source-bucket: this job reads a bucket')
}

function listOf({ options, sink, clock, signal, stores, ledger }: PlanSource) {
  return {
    options,
    sink,
    clock,
    signal,
    async writeFaults(page: number, lines: Parameters<typeof writePart>[2]) {
      await writePart(stores.output, faultsKey(ledger, page), lines, signal)
    },
  }
}

function missing(name: string, cause?: unknown): KompressorError {
  return new KompressorError('list_missing', `there is no ${name}`, { cause })
}
