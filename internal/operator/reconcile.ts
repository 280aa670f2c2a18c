import { isDeepStrictEqual } from 'node:util'
import {
  decide,
  type Memory,
  nothingRemembered,
  type Sample,
  type Settings,
  sampled,
} from '../autoscale/index.ts'
import { isConflict, type Reconciled } from '../kube/index.ts'
import { isNews, transitions } from './conditions.ts'
import { ensureJob } from './ensure-job.ts'
import { type Applied, ensureWorkers } from './ensure-workers.ts'
import { finalizer, type JobIdentity } from './names.ts'
import { observe, sampleOf, snapshotOf } from './observe.ts'
import type { OperatorDeps } from './ports.ts'
import { publish } from './publish.ts'
import { recordDecision } from './record.ts'
import { removeJob } from './remove.ts'
import { type CompressionJob, compressionJobs, type Deployment, deployments } from './resources.ts'
import { type CompressionJobSpec, type Status, specSchema } from './schema/index.ts'
import { runningStatus, troubledStatus } from './status.ts'
import { type Trouble, troubleOf } from './trouble.ts'

/** What is remembered of a job between reconciles. All of it can be lost: a restarted operator goes on without. */
export interface Remembered {
  applied?: Applied
  memory: Memory
  samples: readonly Sample[]
}

export const nothingKnown: Remembered = { memory: nothingRemembered, samples: [] }

export interface Seen {
  job: CompressionJob
  deployment: Deployment | undefined
  remembered: Remembered
  /** Milliseconds that only go forward. */
  at: number
}

/** With open work or workers a job is looked at that often, milliseconds; others when something changes. */
const busyMs = 5_000
/** While something of a deletion is still there. */
const removingMs = 1_000

/** What a new pod takes until its first record, beyond its work, seconds: image pull aside, start, poll and rebalance. */
const startSeconds = 10
/** Slots of a worker whose CPU limit nobody said. */
const defaultSlots = 2

/** Brings one job to what its resource asks for. */
export async function reconcile(
  deps: OperatorDeps,
  { job, deployment, remembered, at }: Seen,
  signal: AbortSignal,
): Promise<Reconciled & { remembered: Remembered | undefined }> {
  const { namespace = '', name, uid } = job.metadata
  const identity = { namespace, name, uid }
  if (job.metadata.deletionTimestamp !== undefined) {
    if (!job.metadata.finalizers?.includes(finalizer)) return { remembered: undefined }
    const gone = await removeJob(deps, job, identity, signal)
    return { remembered: undefined, ...(!gone && { requeueAfterMs: removingMs }) }
  }
  try {
    const refused = refusalOf(job)
    if (refused !== undefined) {
      const status = troubled(deps, job, refused)
      await writeStatus(deps, job, status, signal)
      await publish(deps, job, { status })
      return { remembered }
    }
    const spec = specSchema.parse(job.spec)
    if (!job.metadata.finalizers?.includes(finalizer)) await addFinalizer(deps, job, signal)
    return await run(deps, { job, identity, spec, deployment, remembered, at }, signal)
  } catch (error) {
    // Somebody changed the resource since we saw it: the next look is at what they made of it.
    if (signal.aborted || isConflict(error)) throw error
    const status = troubled(deps, job, troubleOf(error))
    await writeStatus(deps, job, status, signal)
    // The database may be the trouble itself: what is thrown is what was in the way first.
    await publish(deps, job, { status }).catch((unpublished: unknown) =>
      deps.logger.warn(
        { error: unpublished, job: name, namespace },
        'the state of a job cannot be published',
      ),
    )
    throw error
  }
}

async function run(
  deps: OperatorDeps,
  {
    job,
    identity,
    spec,
    deployment,
    remembered,
    at,
  }: Seen & { identity: JobIdentity; spec: CompressionJobSpec },
  signal: AbortSignal,
) {
  await ensureJob(deps, identity, spec)
  const workers = await ensureWorkers(deps, identity, spec, {
    existing: deployment,
    applied: remembered.applied,
    signal,
  })
  const observation = await observe(deps, identity)
  const samples = sampled(remembered.samples, sampleOf(observation, at))
  const current = workers.deployment.spec.replicas ?? 0
  const snapshot = snapshotOf(observation, { replicas: current, samples, at })
  const settings = settingsOf(spec)
  const decision = decide(snapshot, settings, remembered.memory)
  deps.onDecision?.(decision)
  recordDecision(deps.logger, identity, { snapshot, settings, decision })
  const dryRun = spec.scaling.mode === 'DryRun'
  const scaled = decision.replicas !== current && !dryRun
  if (scaled) await deps.client.scale(deployments, workers.deployment.metadata, decision.replicas, { signal })

  const now = deps.now()
  const { generation } = job.metadata
  const shown = scaled ? withReplicas(workers.deployment, decision.replicas) : workers.deployment
  const running = { observation, decision, deployment: shown, suspended: spec.suspend, dryRun }
  const status = runningStatus({ ...identity, generation }, job.status, running, now)
  await writeStatus(deps, job, status, signal)
  await publish(deps, job, { status, decision, lag: observation.lag })
  const busy =
    observation.figures.waitingTasks + observation.figures.releasedTasks > 0 || decision.replicas > 0
  return {
    remembered: { applied: workers.applied, memory: decision.memory, samples },
    ...(busy && { requeueAfterMs: busyMs }),
  }
}

function withReplicas(deployment: Deployment, replicas: number): Deployment {
  return { ...deployment, spec: { ...deployment.spec, replicas } }
}

/** Why nothing is done for this job, whatever is tried. */
function refusalOf({ spec }: CompressionJob): Trouble | undefined {
  const parsed = specSchema.safeParse(spec)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const message = `spec.${issue?.path.join('.')}: ${issue?.message}. Is the CRD of the same version as the operator?`
    return { reason: 'InvalidSpec', message, temporary: false }
  }
  if (parsed.data.source.ingest !== undefined) return undefined
  return {
    reason: 'SourceNotSupported',
    message:
      'This version of the operator runs jobs whose source is ingest. For a bucket or a list use `kompressor run`.',
    temporary: false,
  }
}

export function settingsOf({ scaling, suspend, worker }: CompressionJobSpec): Settings {
  const limit = worker?.resources?.limits?.cpu ?? worker?.resources?.requests?.cpu
  const slots = worker?.slots ?? (limit === undefined ? defaultSlots : Math.max(1, Math.ceil(cores(limit))))
  return {
    minReplicas: scaling.minReplicas,
    maxReplicas: scaling.maxReplicas,
    targetDrainSeconds: scaling.targetDrainSeconds,
    scaleDownStabilizationSeconds: scaling.scaleDownStabilizationSeconds,
    replicas: scaling.replicas,
    suspended: suspend,
    slots,
    // A partition belongs to one pod, which gives its records to all of its slots.
    slotsPerPartition: slots,
    startSeconds,
  }
}

/** A Kubernetes quantity of CPU: `2`, `1.5`, `500m`. */
function cores(quantity: string | number): number {
  const text = String(quantity)
  return text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text)
}

async function addFinalizer(
  { client }: OperatorDeps,
  job: CompressionJob,
  signal: AbortSignal,
): Promise<void> {
  const { resourceVersion, finalizers = [] } = job.metadata
  // Names the version: two who add at once would lose one of their finalizers.
  const patch = { metadata: { resourceVersion, finalizers: [...finalizers, finalizer] } }
  await client.merge(compressionJobs, job.metadata, patch, { signal })
}

function troubled({ now }: OperatorDeps, job: CompressionJob, trouble: Trouble): Status {
  return troubledStatus(job.metadata, job.status, trouble, now())
}

/** Writes the status if it says anything new, and tells transitions as Events. */
async function writeStatus(
  { client, events }: OperatorDeps,
  job: CompressionJob,
  status: Status,
  signal: AbortSignal,
): Promise<void> {
  if (isDeepStrictEqual(plain(status), plain(job.status))) return
  const { apiVersion, kind } = compressionJobs
  const { namespace, name } = job.metadata
  await client.applyStatus(
    compressionJobs,
    { apiVersion, kind, metadata: { namespace, name }, status },
    { signal },
  )
  const before = job.status?.conditions
  const news = transitions(before, status.conditions ?? []).filter((one) => isNews(one, before))
  for (const { type, status: is, reason, message } of news) {
    const bad = (type === 'Ready' && is === 'False') || (type === 'Degraded' && is === 'True')
    events.record(job, { type: bad ? 'Warning' : 'Normal', reason, message })
  }
}

function plain(status: Status | undefined): unknown {
  return status === undefined ? undefined : JSON.parse(JSON.stringify(status))
}
