import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { PlannerConfig } from '../config/index.ts'
import { KompressorError } from '../errors/index.ts'
import { createJobApi } from '../jobapi/index.ts'
import { ledgerPrefix } from '../ledger/index.ts'
import type { Limiter } from '../limits/index.ts'
import type { Assignment } from '../messages/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { honoursConditions } from '../outputs/index.ts'
import { type PlanSink, planSource, readRulesSchema } from '../source/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { estimateJob } from './estimator.ts'
import { openJobBucket, openReplicas, outputBucket, sourceBucket } from './job-stores.ts'
import { withinLimits } from './limited.ts'
import { persevere } from './persevere.ts'

export interface TaskDeps {
  logger: Logger
  /** Fires when the process is told to stop. */
  signal: AbortSignal
}

/**
 * `kompressor planner`: it holds credentials of the buckets and the job's token, nothing of Kafka or the database. With
 * `--estimate` it plans nothing and compresses a sample itself.
 */
export async function runPlanner(config: PlannerConfig, deps: TaskDeps): Promise<void> {
  const { apiUrl, job: jobUid, jobToken: token } = config
  const told = { apiUrl, jobUid, token, logger: deps.logger }
  await withinLimits(told, (limiter) => planOrEstimate(config, deps, limiter))
  deps.logger.info(config.estimate ? 'the source is estimated' : 'the source is planned')
}

async function planOrEstimate(
  config: PlannerConfig,
  { logger, signal }: TaskDeps,
  limiter: Limiter,
): Promise<void> {
  const { apiUrl, job: jobUid, jobToken: token, s3Bucket } = config
  const api = createJobApi({ apiUrl, jobUid, token, signal })
  const output =
    s3Bucket === undefined
      ? undefined
      : await openJobBucket(outputBucket({ ...config, s3Bucket }), { limiter })
  const bucket = sourceBucket(config)
  const source = bucket && (await openJobBucket(bucket, { limiter }))
  const replicas = await openReplicas(config, { limiter })
  const work = async () => {
    await output?.check(signal)
    if (config.estimate) {
      return estimateJob({ api, source, output, config, clock: () => new Date(), signal })
    }
    if (output === undefined) throw new KompressorError('invalid_configuration', 'set --s3-bucket')
    const job = await api.describe()
    // Before anything is planned that could not be written.
    await honoursConditions(output, `planner-${hostname()}`)
    await Promise.all(replicas.map(({ store }) => store.check(signal)))
    const listText = await readList(config.sourceFile)
    await plan(job, {
      source,
      output,
      isReplicated: replicas.length > 0,
      listText,
      sink: api.plan,
      signal,
    })
  }
  try {
    await persevere(work, { api, logger, signal })
  } finally {
    await Promise.all([output, source, ...replicas.map(({ store }) => store)].map((store) => store?.close()))
  }
}

interface Planning {
  source: ObjectStore | undefined
  output: ObjectStore
  isReplicated: boolean
  listText: string | undefined
  sink: PlanSink
  signal: AbortSignal
}

async function plan(
  job: Assignment,
  { sink, signal, source, output, isReplicated, listText }: Planning,
): Promise<void> {
  await planSource({
    reads: readRulesSchema.parse(job.reads),
    source: job.source,
    output: job.output,
    options: job.options,
    ledger: ledgerPrefix(job),
    stores: { source, output },
    isReplicated,
    listText,
    sink,
    clock: () => new Date(),
    signal,
  })
}

/** Undefined while nobody has made it: the kubelet puts it there when somebody does. */
async function readList(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
