import { duration } from '../config/index.ts'
import type { JobLimits } from '../messages/index.ts'
import { upsertClusterJob } from '../store/index.ts'
import { type JobIdentity, namesOf } from './names.ts'
import type { OperatorDeps } from './ports.ts'
import type { CompressionJobSpec } from './schema/index.ts'

/** Partitions of an ingest job whose spec names none. */
const defaultPartitions = 24

export function partitionsOf({ partitions }: CompressionJobSpec): number {
  return partitions ?? defaultPartitions
}

/**
 * The row of the job, then its topic: what is released must have somewhere to go.
 *
 * @param limits of one of its pods
 */
export async function ensureJob(
  { store, broker }: Pick<OperatorDeps, 'store' | 'broker'>,
  job: JobIdentity,
  spec: CompressionJobSpec,
  limits: JobLimits | undefined,
): Promise<void> {
  const { topic, group } = namesOf(job)
  const partitions = partitionsOf(spec)
  const ms = duration()
  await broker.ensureTopic(topic, { partitions })
  await upsertClusterJob(store.db, {
    ...job,
    topic,
    consumerGroup: group,
    partitions,
    maxAttempts: spec.retry.maxAttempts,
    initialBackoffMs: ms.parse(spec.retry.initialBackoff),
    maxBackoffMs: ms.parse(spec.retry.maxBackoff),
    suspended: spec.suspend,
    limits,
    intake: { options: spec.compression, profiles: spec.source.ingest?.profiles ?? {} },
  })
}
