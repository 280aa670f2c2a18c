import type { Client } from '../kube/index.ts'
import { selectorText } from './names.ts'
import { type Deployment, deployments, pods, type TaskJob, taskJobs } from './resources.ts'

/** What has pods, as it is in the cluster. */
export interface PodOwners {
  tasks: readonly TaskJob[]
  workers: Deployment | undefined
}

/**
 * Has the pods of a job stopped by those who made them, and says whether they are: none runs and none will be made. Only
 * then may its owners be deleted. Deleted before, their pods would be left to the garbage collector, which can take minutes
 * after the API server was away, and does not say when it is through.
 */
export async function stopPods(
  client: Client,
  { tasks, workers }: PodOwners,
  of: { namespace: string; selectors: readonly Record<string, string>[] },
  signal: AbortSignal,
): Promise<boolean> {
  for (const { metadata, spec } of tasks) {
    if (spec.suspend !== true) await client.merge(taskJobs, metadata, { spec: { suspend: true } }, { signal })
  }
  const scaledDown = workers === undefined || workers.spec.replicas === 0
  if (!scaledDown) await client.scale(deployments, workers.metadata, 0, { signal })
  const stopped = scaledDown && isObserved(workers) && tasks.every(isAtRest)
  return stopped && !(await anyRuns(client, of, signal))
}

/** Whether its controller knows of the last change of its spec. */
function isObserved(workers: Deployment | undefined): boolean {
  return (workers?.status?.observedGeneration ?? 0) >= (workers?.metadata.generation ?? 0)
}

/** Whether its controller makes no more pods for it. */
function isAtRest({ spec, status }: TaskJob): boolean {
  const atRest = ['Suspended', 'Complete', 'Failed']
  const says = status?.conditions?.some(({ type, status: is }) => is === 'True' && atRest.includes(type))
  return spec.suspend === true && says === true
}

async function anyRuns(
  client: Client,
  { namespace, selectors }: { namespace: string; selectors: readonly Record<string, string>[] },
  signal: AbortSignal,
): Promise<boolean> {
  for (const selector of selectors) {
    const labelSelector = selectorText(selector)
    const { items } = await client.list(pods, { namespace, labelSelector, signal })
    if (items.some(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')) return true
  }
  return false
}
