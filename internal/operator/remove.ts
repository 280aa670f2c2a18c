import type { KubeObject, ObjectRef, Resource } from '../kube/index.ts'
import {
  beginJobDeletion,
  cancelBatch,
  endJobDeletion,
  forgetFiniteJob,
  unendedBatches,
} from '../store/index.ts'
import { finalizer, forceDelete, type JobIdentity, namesOf } from './names.ts'
import type { OperatorDeps } from './ports.ts'
import { compressionJobs, deployments, taskJobs } from './resources.ts'

/**
 * One pass of the deletion of a job, in an order that leaves nothing behind wherever it is cut off: nothing new is
 * accepted, planned and released; what is open is cancelled; planner and workers go; their topic goes; the name is free;
 * the resource may go. Says whether it is through; if not, it is to be called again.
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
  for (const { id: batchId, tenantId } of await unendedBatches(store.db, uid)) {
    await cancelBatch(store.db, { tenantId, batchId, now: now() })
  }
  const remains = [
    await removeOwned(client, taskJobs, { namespace, name: planner }, { uid, signal }),
    await removeOwned(client, taskJobs, { namespace, name: report }, { uid, signal }),
    await removeOwned(client, deployments, { namespace, name: worker }, { uid, signal }),
  ]
  if (remains.includes(true)) return false
  if (job.metadata.annotations?.[forceDelete] === undefined) await broker.deleteTopic(topic)
  await forgetFiniteJob(store.db, uid)
  await endJobDeletion(store.db, uid)
  const finalizers = (job.metadata.finalizers ?? []).filter((name) => name !== finalizer)
  const { resourceVersion } = job.metadata
  await client.merge(compressionJobs, job.metadata, { metadata: { finalizers, resourceVersion } }, { signal })
  return true
}

/** Whether it is still there. Foreground: it is until its pods are gone. */
async function removeOwned<T extends KubeObject>(
  client: OperatorDeps['client'],
  resource: Resource<T>,
  ref: ObjectRef,
  { uid, signal }: { uid: string; signal: AbortSignal },
): Promise<boolean> {
  const found = await client.get(resource, ref, { signal })
  if (found === undefined || !isOwn(found, uid)) return false
  if (found.metadata.deletionTimestamp === undefined) {
    await client.delete(resource, ref, { uid: found.metadata.uid, propagation: 'Foreground', signal })
  }
  return true
}

/** One of the same name that somebody else made is none of our business. */
function isOwn({ metadata: { ownerReferences = [] } }: KubeObject, uid: string): boolean {
  return ownerReferences.some((owner) => owner.uid === uid)
}
