import { type Client, isNotFound, type KubeObject, type ObjectRef, type Resource } from '../kube/index.ts'
import {
  beginJobDeletion,
  cancelBatch,
  endJobDeletion,
  forgetFiniteJob,
  removeWebhook,
  unendedBatches,
} from '../store/index.ts'
import { eraseWritten, fateOf, findEraser, unknownFate } from './erase.ts'
import {
  eraserSelectorOf,
  finalizer,
  forceDelete,
  type JobIdentity,
  namesOf,
  selectorOf,
  taskSelectorOf,
} from './names.ts'
import type { OperatorDeps } from './ports.ts'
import { type CompressionJob, compressionJobs, deployments, taskJobs } from './resources.ts'
import type { Status } from './schema/index.ts'
import { stopPods } from './stop-pods.ts'

/**
 * One pass of the deletion of a job, in an order that leaves nothing behind wherever it is cut off: nothing new is
 * accepted, planned and released, and nobody is told any more; what is open is cancelled; planner and workers stop; what
 * they wrote is erased, if that is wanted; they go; their topic goes; the name is free; the resource may go. If it is not
 * through it is to be called again.
 */
export async function removeJob(
  deps: OperatorDeps,
  job: CompressionJob,
  identity: JobIdentity,
  signal: AbortSignal,
): Promise<Removal> {
  const { client, store, broker, now } = deps
  const { uid, namespace } = identity
  const { topic, worker, planner, report } = namesOf(identity)
  await beginJobDeletion(store.db, uid)
  await removeWebhook(store.db, uid)
  for (const { id: batchId, tenantId } of await unendedBatches(store.db, uid)) {
    await cancelBatch(store.db, { tenantId, batchId, now: now() })
  }
  const tasks = [
    await getOwned(client, taskJobs, { namespace, name: planner }, { uid, signal }),
    await getOwned(client, taskJobs, { namespace, name: report }, { uid, signal }),
  ].filter((task) => task !== undefined)
  const workers = await getOwned(client, deployments, { namespace, name: worker }, { uid, signal })
  const fate = fateOf(job)
  const eraser = await findEraser(client, identity, signal)
  // One that was at work when somebody thought otherwise stops as well.
  const unwanted = fate.kind === 'retain' && eraser !== undefined ? [eraser] : []
  const selectors = [
    selectorOf(identity),
    taskSelectorOf(identity),
    ...unwanted.map(() => eraserSelectorOf(identity)),
  ]
  const owners = { tasks: [...tasks, ...unwanted], workers }
  if (!(await stopPods(client, owners, { namespace, selectors }, signal))) return { gone: false }
  if (fate.kind === 'unknown') return { gone: false, status: unknownFate(deps, job, fate.message) }
  if (fate.kind === 'erase') {
    const status = await eraseWritten(deps, { job, eraser, spec: fate.spec }, identity, signal)
    if (status !== undefined) return { gone: false, status }
  }
  if (eraser !== undefined) await remove(client, taskJobs, eraser, signal)
  for (const task of tasks) await remove(client, taskJobs, task, signal)
  if (workers !== undefined) await remove(client, deployments, workers, signal)
  if (job.metadata.annotations?.[forceDelete] === undefined) await broker.deleteTopic(topic)
  await forgetFiniteJob(store.db, uid)
  await endJobDeletion(store.db, uid)
  const finalizers = (job.metadata.finalizers ?? []).filter((name) => name !== finalizer)
  const { resourceVersion } = job.metadata
  try {
    const patch = { metadata: { finalizers, resourceVersion } }
    await client.merge(compressionJobs, job.metadata, patch, { signal })
  } catch (error) {
    // Removed by a pass whose end we were not told.
    if (!isNotFound(error)) throw error
  }
  return { gone: true }
}

/** How far a deletion is, and what is to be said of it, if anything. */
export interface Removal {
  gone: boolean
  status?: Status
}

async function getOwned<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  ref: ObjectRef,
  { uid, signal }: { uid: string; signal: AbortSignal },
): Promise<T | undefined> {
  const found = await client.get(resource, ref, { signal })
  return found !== undefined && isOwn(found, uid) ? found : undefined
}

async function remove(
  client: Client,
  resource: Resource,
  { metadata }: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  await client.delete(resource, metadata, { uid: metadata.uid, propagation: 'Background', signal })
}

/** One of the same name that somebody else made is none of our business. */
function isOwn({ metadata: { ownerReferences = [] } }: KubeObject, uid: string): boolean {
  return ownerReferences.some((owner) => owner.uid === uid)
}
