import { v7 as uuidv7 } from 'uuid'
import { duration } from '../../config/index.ts'
import { isConflict } from '../../kube/index.ts'
import type { JobLimits } from '../../messages/index.ts'
import { upsertFiniteJob } from '../../store/index.ts'
import { type JobIdentity, namesOf } from '../names.ts'
import type { OperatorDeps } from '../ports.ts'
import { taskJobs } from '../resources.ts'
import type { CompressionJobSpec } from '../schema/index.ts'
import { type TaskKind, taskJob } from './pods.ts'
import type { FiniteRules } from './rules.ts'

/** Whose job it is: there is one tenant until there are keys. */
const tenantId = 'default'
/** Its batch lives as long as the resource, and goes with it. */
const never = new Date('9000-01-01T00:00:00Z')

/**
 * The row of the job, its batch and its plan, then its topic: what is released must have somewhere to go.
 *
 * @param limits of one of its pods
 */
export async function ensureFiniteJob(
  { store, broker }: Pick<OperatorDeps, 'store' | 'broker'>,
  job: JobIdentity,
  spec: CompressionJobSpec,
  rules: FiniteRules,
  limits: JobLimits | undefined,
): Promise<void> {
  const { topic, group } = namesOf(job)
  const partitions = spec.partitions ?? spec.scaling.maxReplicas
  const ms = duration()
  await broker.ensureTopic(topic, { partitions })
  await upsertFiniteJob(store.db, {
    ...job,
    ...rules,
    tenantId,
    topic,
    consumerGroup: group,
    partitions,
    maxAttempts: spec.retry.maxAttempts,
    initialBackoffMs: ms.parse(spec.retry.initialBackoff),
    maxBackoffMs: ms.parse(spec.retry.maxBackoff),
    suspended: spec.suspend,
    limits,
    batch: { id: uuidv7(), options: spec.compression, tags: {}, expiresAt: never },
  })
}

/**
 * The planner or the report writer. It is made once: a pod template cannot be changed, and one that is at work is not
 * interrupted for a new image. Suspending takes its pod away.
 */
export async function ensureTask(
  { client, workers }: Pick<OperatorDeps, 'client' | 'workers'>,
  kind: TaskKind,
  job: JobIdentity,
  spec: CompressionJobSpec,
  { suspended, signal }: { suspended: boolean; signal: AbortSignal },
): Promise<void> {
  const ref = { namespace: job.namespace, name: namesOf(job)[kind] }
  const found = await client.get(taskJobs, ref, { signal })
  if (found !== undefined) {
    const isSuspended = found.spec.suspend ?? false
    if (isSuspended !== suspended)
      await client.merge(taskJobs, ref, { spec: { suspend: suspended } }, { signal })
    return
  }
  if (suspended) return
  try {
    await client.create(taskJobs, taskJob(kind, job, spec, workers), { signal })
  } catch (error) {
    if (!isConflict(error)) throw error
  }
}
