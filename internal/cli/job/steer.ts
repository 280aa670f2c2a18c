import { setTimeout as sleep } from 'node:timers/promises'
import { KompressorError } from '../../errors/index.ts'
import { plural } from '../terminal/format.ts'
import { type Cluster, compressionJobs, requireJob } from './cluster.ts'

/** What was done, in a sentence. */
type Said = Promise<string>

export async function suspend(cluster: Cluster, name: string): Said {
  return setSuspended(cluster, name, true)
}

export async function resume(cluster: Cluster, name: string): Said {
  return setSuspended(cluster, name, false)
}

async function setSuspended(cluster: Cluster, name: string, wanted: boolean): Said {
  const { metadata, spec } = await requireJob(cluster, name)
  if ((spec.suspend ?? false) === wanted)
    return `${name} is ${wanted ? 'suspended' : 'not suspended'} already.`
  await cluster.client.merge(compressionJobs, metadata, { spec: { suspend: wanted } })
  return wanted
    ? `${name} is suspended: its workers finish what they have in hand and go. Go on with: kompressor job resume ${name}`
    : `${name} goes on.`
}

/** Fixes the number of workers at today's, or gives it back to the policy. */
export async function freeze(cluster: Cluster, name: string, { off }: { off: boolean }): Said {
  const { metadata, spec, status } = await requireJob(cluster, name)
  const fixed = spec.scaling?.replicas
  if (off) {
    if (fixed === undefined) return `${name} is not frozen: its workers are as many as the work needs.`
    await cluster.client.merge(compressionJobs, metadata, { spec: { scaling: { replicas: null } } })
    return `The workers of ${name} are as many as the work needs again.`
  }
  const today = status?.replicas?.desired
  if (today === undefined) {
    throw new KompressorError(
      'job_not_found',
      `the operator has not said yet how many workers ${name} has; is it running?`,
    )
  }
  await cluster.client.merge(compressionJobs, metadata, { spec: { scaling: { replicas: today } } })
  return `${name} stays at ${plural(today, 'worker')}. Give the number back with: kompressor job freeze ${name} --off`
}

const pollMs = 200

/** Deletes the resource: the operator then cancels what is open. With `wait` it returns when that is through. */
export async function cancel(cluster: Cluster, name: string, { wait }: { wait: boolean }): Said {
  const { metadata } = await requireJob(cluster, name)
  await cluster.client.delete(compressionJobs, metadata, { uid: metadata.uid })
  if (!wait) return `${name} is being cancelled.`
  for (;;) {
    const left = await cluster.client.get(compressionJobs, metadata)
    if (left === undefined || left.metadata.uid !== metadata.uid) return `${name} is cancelled and gone.`
    await sleep(pollMs)
  }
}
