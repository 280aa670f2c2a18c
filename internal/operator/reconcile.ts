import { isDeepStrictEqual } from 'node:util'
import { isConflict, NoAnswerError, type Reconciled } from '../kube/index.ts'
import { runFinite } from './finite/run.ts'
import { finalizer } from './names.ts'
import type { OperatorDeps } from './ports.ts'
import { publish } from './publish.ts'
import { removeJob } from './remove.ts'
import { type CompressionJob, compressionJobs } from './resources.ts'
import { runIngest } from './run-ingest.ts'
import { type CompressionJobSpec, type Status, specSchema } from './schema/index.ts'
import { troubledStatus } from './status.ts'
import { type Trouble, troubleOf } from './trouble.ts'
import { ensureWebhook, lookAgainMs, withWebhook } from './webhook/index.ts'
import type { Remembered, Seen } from './work.ts'

/** While something of a deletion is still there. */
const removingMs = 1_000

/** Brings one job to what its resource asks for. */
export async function reconcile(
  deps: OperatorDeps,
  seen: Seen,
  signal: AbortSignal,
): Promise<Reconciled & { remembered: Remembered | undefined }> {
  const { job, remembered } = seen
  const { namespace = '', name, uid } = job.metadata
  const identity = { namespace, name, uid }
  if (job.metadata.deletionTimestamp !== undefined) {
    if (!job.metadata.finalizers?.includes(finalizer)) return { remembered: undefined }
    const { gone, status } = await removeJob(deps, job, identity, signal)
    if (status !== undefined) {
      await writeStatus(deps, job, status, signal)
      await publish(deps, job, { status })
    }
    return { remembered: undefined, ...(!gone && { requeueAfterMs: removingMs }) }
  }
  try {
    const spec = readSpec(job)
    if ('reason' in spec) {
      const status = troubled(deps, job, spec)
      await writeStatus(deps, job, status, signal)
      await publish(deps, job, { status })
      return { remembered }
    }
    if (!job.metadata.finalizers?.includes(finalizer)) await addFinalizer(deps, job, signal)
    const run = spec.source.ingest === undefined ? runFinite : runIngest
    const toRun = { ...seen, identity, spec }
    const webhook = await ensureWebhook(deps, toRun, signal)
    const { decision, lag, ...outcome } = await run(deps, toRun, signal)
    const status = withWebhook(outcome.status, webhook, deps.now())
    await writeStatus(deps, job, status, signal)
    await publish(deps, job, { status, lag, ...(decision !== undefined && { decision }) })
    const requeues = [outcome.requeueAfterMs, lookAgainMs(webhook, status)].filter((ms) => ms !== undefined)
    return {
      remembered: outcome.remembered && { ...outcome.remembered, webhook: webhook.read },
      ...(requeues.length > 0 && { requeueAfterMs: Math.min(...requeues) }),
    }
  } catch (error) {
    // Somebody changed the resource since we saw it: the next look is at what they made of it. And that Kubernetes does
    // not answer is no longer true when it can be written down.
    if (signal.aborted || isConflict(error) || error instanceof NoAnswerError) throw error
    const trouble = troubleOf(error)
    const status = troubled(deps, job, trouble)
    await writeStatus(deps, job, status, signal)
    // The database may be the trouble itself: what is thrown is what was in the way first.
    await publish(deps, job, { status }).catch((unpublished: unknown) =>
      deps.logger.warn(
        { error: unpublished, job: name, namespace },
        'the state of a job cannot be published',
      ),
    )
    // Nothing but another resource will help.
    if (trouble.reason === 'InvalidConfiguration') return { remembered }
    throw error
  }
}

/** The spec with its defaults, or why nothing is done for this job whatever is tried. */
function readSpec({ spec }: CompressionJob): CompressionJobSpec | Trouble {
  const parsed = specSchema.safeParse(spec)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const message = `spec.${issue?.path.join('.')}: ${issue?.message}. Is the CRD of the same version as the operator?`
  return { reason: 'InvalidSpec', message, temporary: false }
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

/** Writes the status if it says anything new. What is news in it is told when it comes back (tell.ts). */
async function writeStatus(
  { client }: OperatorDeps,
  job: CompressionJob,
  status: Status,
  signal: AbortSignal,
): Promise<void> {
  if (isDeepStrictEqual(plain(status), plain(job.status))) return
  const { apiVersion, kind } = compressionJobs
  const { namespace, name } = job.metadata
  const manifest = { apiVersion, kind, metadata: { namespace, name }, status }
  await client.applyStatus(compressionJobs, manifest, { signal })
}

function plain(status: Status | undefined): unknown {
  return status === undefined ? undefined : JSON.parse(JSON.stringify(status))
}
