import { hostname } from 'node:os'
import { engineVersion, identityHash } from '../codec/index.ts'
import type { PlannerConfig } from '../config/index.ts'
import { KompressorError } from '../errors/index.ts'
import { createJobApi } from '../jobapi/index.ts'
import { openDoneIndex } from '../ledger/index.ts'
import type { Assignment } from '../messages/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { honoursConditions } from '../outputs/index.ts'
import { type PlanSink, planPrefix, readRulesSchema } from '../source/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { openJobBucket, outputBucket, sourceBucket } from './job-stores.ts'
import { persevere } from './persevere.ts'

export interface TaskDeps {
  logger: Logger
  /** Fires when the process is told to stop. */
  signal: AbortSignal
}

/** `kompressor planner`: it holds credentials of the buckets and the job's token, nothing of Kafka or the database. */
export async function runPlanner(config: PlannerConfig, { logger, signal }: TaskDeps): Promise<void> {
  const { apiUrl, job: jobUid, jobToken: token } = config
  const api = createJobApi({ apiUrl, jobUid, token, signal })
  const output = await openJobBucket(outputBucket(config))
  const bucket = sourceBucket(config)
  const source = bucket && (await openJobBucket(bucket))
  try {
    await persevere(
      async () => {
        const job = await api.describe()
        await output.check(signal)
        // Before anything is planned that could not be written.
        await honoursConditions(output, `planner-${hostname()}`)
        await plan(job, { source, output, sink: api.plan, signal })
      },
      { api, logger, signal },
    )
  } finally {
    await Promise.all([output.close(), source?.close()])
  }
  logger.info('the source is planned')
}

interface Planning {
  source: ObjectStore | undefined
  output: ObjectStore
  sink: PlanSink
  signal: AbortSignal
}

async function plan(job: Assignment, { source, output, sink, signal }: Planning): Promise<void> {
  const reads = readRulesSchema.parse(job.reads)
  if (source === undefined)
    throw new KompressorError('invalid_configuration', 'set --source-bucket: this job reads a bucket')
  const { bucket, prefix } = job.source
  const { options } = job
  const done = await openDoneIndex(output, job)
  try {
    await planPrefix({
      source,
      prefix,
      filter: reads.filter,
      options,
      sink,
      doneBefore: ({ key, etag }) =>
        done.find(key, identityHash({ bucket, key, version: etag, options, engineVersion: engineVersion() })),
      signal,
    })
  } finally {
    await done.close()
  }
}
