import type { Partition } from './partition.ts'

export interface Run {
  task: number
  offset: number
  partition: Partition
  /** That of the partition when it was begun. */
  epoch: number
  pod: Pod
  beganAt: number
}

export interface Pod {
  id: number
  state: 'starting' | 'ready' | 'ending' | 'gone'
  createdAt: number
  runs: Set<Run>
  /** Partitions it reads, in turn. */
  partitions: Partition[]
  turn: number
}

export function newPod(id: number, createdAt: number): Pod {
  return { id, state: 'starting', createdAt, runs: new Set(), partitions: [], turn: 0 }
}

/**
 * Pods to take away, as a ReplicaSet ranks them: those that are not ready first, then the youngest.
 *
 * @param pods in the order of their creation
 */
export function victims(pods: readonly Pod[], count: number): Pod[] {
  const youngest = pods.toReversed()
  const starting = youngest.filter(({ state }) => state === 'starting')
  const ready = youngest.filter(({ state }) => state === 'ready')
  return [...starting, ...ready].slice(0, Math.max(0, count))
}

/** The next partition in turn that has a record and is not at its limit. */
export function nextPartition(pod: Pod, slotsPerPartition: number): Partition | undefined {
  const { partitions } = pod
  for (let i = 0; i < partitions.length; i += 1) {
    const at = (pod.turn + i) % partitions.length
    const partition = partitions[at]
    if (partition?.hasNext() && partition.inWork < slotsPerPartition) {
      pod.turn = at + 1
      return partition
    }
  }
  return undefined
}
