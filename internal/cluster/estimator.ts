import { createCompressor, defaultLimits } from '../codec/index.ts'
import type { PlannerConfig } from '../config/index.ts'
import { KompressorError } from '../errors/index.ts'
import { estimate, Frame, listPrices, planSample, summaryOf } from '../estimate/index.ts'
import type { JobApi } from '../jobapi/index.ts'
import { writeEstimate } from '../ledger/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { readRulesSchema } from '../source/index.ts'
import { bucketSource, listBucket, survey } from '../survey/index.ts'

export interface Estimating {
  api: JobApi
  source: ObjectStore | undefined
  /** Undefined when the job names no place for outputs: the estimate is in the status alone. */
  output: ObjectStore | undefined
  config: PlannerConfig
  clock: () => Date
  signal: AbortSignal
}

/** The same files whenever a pod is started again. */
const seed = 1

/**
 * The whole of a job of mode Estimate: lists the source, compresses a sample and forgets it, tells the API, and closes a plan
 * with nothing in it. Repeatable at any point.
 */
export async function estimateJob({ api, source, output, config, clock, signal }: Estimating): Promise<void> {
  const plan = await api.plan.read()
  if (plan.complete) return
  const job = await api.describe()
  const reads = readRulesSchema.parse(job.reads)
  if (source === undefined || reads.kind !== 'prefix')
    throw new KompressorError('invalid_configuration', 'set --source-bucket: what is estimated is a bucket')
  const { options } = job
  const frame = new Frame<string>({ sampleSize: config.sample, seed })
  const listing = { store: source, prefix: job.source.prefix, filter: reads.filter, options }
  await listBucket(frame, { ...listing, now: clock(), signal })
  const sample = planSample(frame)
  const compressor = createCompressor({ slots: config.slots, memoryLimitBytes: config.memoryLimit })
  try {
    const context = { source: bucketSource(source), compressor, options, limits: defaultLimits }
    const looked = await survey(sample, { ...context, scratchDir: config.scratchDir, signal })
    const result = estimate(frame, sample, (file) => looked.get(file) ?? { kind: 'unreadable' }, {
      seed,
      prices: listPrices,
      replicas: config.replicas,
      slots: config.replicaSlots ?? config.slots,
      oldVersionDays: 0,
      at: clock(),
    })
    if (output !== undefined) await writeEstimate(output, job, result)
    await api.tellEstimate(summaryOf(result))
  } finally {
    await compressor.close()
  }
  await api.plan.add({ page: plan.nextPage, chunks: [], settled: [], leftOut: 0 })
}
