import type { KubeObject } from '../kube/index.ts'
import { beginJobDeletion, cancelBatch, endJobDeletion, unendedBatches } from '../store/index.ts'
import { finalizer, forceDelete, type JobIdentity, namesOf } from './names.ts'
import type { OperatorDeps } from './ports.ts'
import { compressionJobs, deployments } from './resources.ts'

/**
 * One pass of the deletion of a job, in an order that leaves nothing behind wherever it is cut off: nothing new is
 * accepted and released; what is open is cancelled; the workers go; their topic goes; the name is free; the resource may
 * go. Says whether it is through; if not, it is to be called again.
 */
export async function removeJob(
  { client, store, broker, now }: OperatorDeps,
  job: KubeObject,
  identity: JobIdentity,
  signal: AbortSignal,
): Promise<boolean> {
  const { uid, namespace } = identity
  const { topic, worker } = namesOf(identity)
  await beginJobDeletion(store.db, uid)
  for (const { id: batchId, tenantId } of await unendedBatches(store.db, uid)) {
    await cancelBatch(store.db, { tenantId, batchId, now: now() })
  }
  // Foreground: it is there until its pods are gone.
  const ref = { namespace, name: worker }
  const deployment = await client.get(deployments, ref, { signal })
  if (deployment !== undefined && isOwn(deployment, uid)) {
    if (deployment.metadata.deletionTimestamp === undefined) {
      await client.delete(deployments, ref, {
        uid: deployment.metadata.uid,
        propagation: 'Foreground',
        signal,
      })
    }
    return false
  }
  if (job.metadata.annotations?.[forceDelete] === undefined) await broker.deleteTopic(topic)
  await endJobDeletion(store.db, uid)
  const finalizers = (job.metadata.finalizers ?? []).filter((name) => name !== finalizer)
  const { resourceVersion } = job.metadata
  await client.merge(compressionJobs, job.metadata, { metadata: { finalizers, resourceVersion } }, { signal })
  return true
}

/** A Deployment of the same name that somebody else made is none of our business. */
function isOwn({ metadata: { ownerReferences = [] } }: KubeObject, uid: string): boolean {
  return ownerReferences.some((owner) => owner.uid === uid)
}
