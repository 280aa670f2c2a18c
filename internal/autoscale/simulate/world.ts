/** What is the same for every policy: the topic, the pods and the consumer group. Times are in seconds. */
export interface World {
  partitions: number
  /** Slots of a pod. */
  slots: number
  /** Records of one partition that may be in work at once: 1 keeps their order. */
  slotsPerPartition: number
  maxReplicas: number
  /** From the creation of a pod until it joins the group; uniform between the two. */
  startSeconds: readonly [number, number]
  rebalance: Rebalance
  /** Offsets are committed that often: what is done is lag until then. */
  commitSeconds: number
  /** A pod that is told to end finishes what it has in hand, no longer than this. */
  graceSeconds: number
  /** A task is late when it is done later than this after it was accepted. */
  sloSeconds: number
}

export interface Rebalance {
  /**
   * `eager`: nobody begins anything while the group agrees (stop the world). `cooperative`: only partitions that move
   * stand still. Both are sticky: a partition moves only to even out.
   */
  protocol: 'eager' | 'cooperative'
  /** From the change of members to the new assignment: heartbeat, join, sync, seek. A change meanwhile begins it anew. */
  seconds: number
}

export const ordinaryWorld: World = {
  partitions: 24,
  slots: 2,
  slotsPerPartition: 2,
  maxReplicas: 24,
  startSeconds: [4, 9],
  rebalance: { protocol: 'eager', seconds: 3 },
  commitSeconds: 5,
  graceSeconds: 120,
  sloSeconds: 60,
}

/** One task as it is accepted; it is never changed, so that every policy gets the same. */
export interface Task {
  acceptedAt: number
  /** Seconds of one slot it takes, with a store that answers as usual. */
  cost: number
  /** Seconds that were predicted. */
  predicted: number
  /** The partition its key belongs to; absent where the relay takes the one with the least open work. */
  partition?: number
}

export type Incident = { from: number; to: number } & (
  | { kind: 'outage' }
  /** Everything takes so many times as long, and beyond `slots` busy ones longer still: the store gives no more. */
  | { kind: 'slow'; factor: number; slots: number }
)

export interface Trace {
  name: string
  seconds: number
  tasks: readonly Task[]
  incidents: readonly Incident[]
  /** Pods that are there at the start. */
  initialPods: number
}
