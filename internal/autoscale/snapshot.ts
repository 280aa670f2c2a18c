/** What is seen of a job at one moment. Work is counted in predicted seconds of one slot. */
export interface Snapshot {
  /** Milliseconds of a clock that goes forward. */
  at: number
  /** Records not done, by partition. */
  lag: readonly number[]
  /** Work of those records, seconds. */
  releasedSeconds: number
  /** Work that is due and not yet in the topic, seconds. */
  unreleasedSeconds: number
  /** Tasks that are open, in the topic or due. */
  openTasks: number
  arrival: Arrival
  /** 95th percentile of the time one task takes, seconds. */
  serviceP95Seconds: number
  /** The replicas that are asked for now: those that are still starting count. */
  replicas: number
  /** Age of the oldest figure above, milliseconds; undefined when one could not be read at all. */
  ageMs: number | undefined
  /** A store slows the workers down. */
  throttled: boolean
  /** Limits that somebody set hold the workers back. Absent: no. */
  limited?: boolean
  /** Something the workers need does not answer. */
  degraded: boolean
  /** For jobs that end. */
  finite?: FiniteProgress
}

/** Accepted work, seconds of work per second. */
export interface Arrival {
  /** Mean and standard deviation of the last 120 s. */
  mean: number
  sigma: number
  /** Mean of the last 30 s. */
  recent: number
}

export interface FiniteProgress {
  /** When it should be done; absent when nobody said. */
  deadlineAt?: number
  /** All work that is left, as far as it is known, seconds. */
  remainingSeconds: number
  /** Work done by a busy slot in a second, as measured: 1 when the predictions are right. */
  pace: number
}

export interface Settings {
  minReplicas: number
  maxReplicas: number
  targetDrainSeconds: number
  scaleDownStabilizationSeconds: number
  /** Fixed by somebody; absent when the policy decides. */
  replicas?: number | undefined
  suspended: boolean
  /** Slots of a pod. */
  slots: number
  /** Slots that the records of one partition can keep busy: at most those of a pod. */
  slotsPerPartition: number
  /** From a decision to the first record done by a new pod, beyond its work: poll, start of the pod, rebalance. */
  startSeconds: number
}

/** What the policy has to remember from one decision to the next. */
export interface Memory {
  /** Replicas that were needed, by when, as far back as the stabilisation looks. */
  needs: readonly { at: number; replicas: number }[]
  /** Since when nothing is open; absent while something is. */
  idleSince?: number
  /** Since when each partition has had more work than it can spread, by its number. */
  hotSince: ReadonlyMap<number, number>
}

export const nothingRemembered: Memory = { needs: [], hotSince: new Map() }
