import { type Client, isNotFound, type KubeObject, type ObjectRef, type Resource } from '../kube/index.ts'
import {
  beginJobDeletion,
  cancelBatch,
  endJobDeletion,
  forgetFiniteJob,
  removeWebhook,
  unendedBatches,
} from '../store/index.ts'
import { finalizer, forceDelete, type JobIdentity, namesOf } from './names.ts'
import type { OperatorDeps } from './ports.ts'
import { compressionJobs, deployments, taskJobs } from './resources.ts'
import { stopPods } from './stop-pods.ts'

/**
 * One pass of the deletion of a job, in an order that leaves nothing behind wherever it is cut off: nothing new is
 * accepted, planned and released, and nobody is told any more; what is open is cancelled; planner and workers stop and go;
 * their topic goes; the name is free; the resource may go. Says whether it is through; if not, it is to be called again.
 */
export async function removeJob(
  { client, store, broker, now }: OperatorDeps,
  job: KubeObject,
  identity: JobIdentity,
  signal: AbortSignal,
): Promise<boolean> {
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
  if (!(await stopPods(client, { tasks, workers }, identity, signal))) return false
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
  return true
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
