import { assign } from './assign.ts'
import type { Partition } from './partition.ts'
import type { Pod } from './pods.ts'

/**
 * Gives partitions to the members of the group: pods that are ready, and those that are ending, which are members until
 * they leave. What another has in work of a partition that moves is handed out once more.
 *
 * @param owned who has a partition when this one should: that one, or nobody yet
 */
export function shareOut(
  partitions: readonly Partition[],
  pods: readonly Pod[],
  owned: (partition: Partition, owner: number | undefined) => number | undefined,
): void {
  const members = pods.filter(({ state }) => state === 'ready' || state === 'ending')
  const owners = assign(
    partitions.map(({ owner }) => owner),
    members.map(({ id }) => id),
  )
  partitions.forEach((partition, i) => {
    const owner = owned(partition, owners[i])
    if (owner !== partition.owner) partition.assign(owner, inWork(partition, pods))
  })
  for (const pod of members) pod.partitions = partitions.filter(({ owner }) => owner === pod.id)
}

/** Everybody keeps what they keep, and gives up at once what they do not: what moves has no owner for now. */
export function revokeOnly(partition: Partition, owner: number | undefined): number | undefined {
  return owner === partition.owner ? owner : undefined
}

/** Partitions of a pod that is gone belong to nobody, and what it had in work will be handed out once more. */
export function abandon(pod: Pod): void {
  for (const partition of pod.partitions) partition.assign(undefined, inWork(partition, [pod]))
  pod.partitions = []
  pod.runs.clear()
}

function inWork(partition: Partition, pods: readonly Pod[]): number[] {
  return pods.flatMap(({ runs }) =>
    [...runs].filter((run) => run.partition === partition).map(({ offset }) => offset),
  )
}
