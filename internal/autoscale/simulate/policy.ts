/** What a policy may see of the world at one moment. Seconds; records and work as in the snapshot of the operator. */
export interface View {
  at: number
  /** Whether Kafka answers. When not, what it would say is what it said last. */
  answers: boolean
  /** End less committed offset, by partition: what everybody sees. */
  lag: readonly number[]
  /** Without what is done above the committed offset: what our group says of itself. */
  exactLag: readonly number[]
  openTasks: number
  /** Predicted work in the topic. */
  releasedSeconds: number
  /** Predicted work that could not be released. */
  unreleasedSeconds: number
  /** 95th percentile of the predicted work of open tasks. */
  p95Seconds: number
  /** Tasks ever accepted, and ever done. */
  accepted: number
  done: number
  /** Tasks in work of which the start has been reported. */
  busySlots: number
  /** Seconds that slots have worked in all. */
  busySeconds: number
  /** Pods asked for. */
  replicas: number
  /** Pods that are there, ready or starting, without those that are ending. */
  pods: number
}

export interface Policy {
  name: string
  /** What it is a setting of: its points make one front. */
  family: string
  /** Pods at the start, where they are not those of the trace. */
  initialPods?: number
  /** A controller with an empty memory. It is asked every `tickSeconds` how many pods there should be. */
  start(): (view: View) => number
}

/** All controllers are asked that often; those that look less often skip. */
export const tickSeconds = 5

/** So many pods, whatever happens. At the most allowed, nobody can do better: the bound of what is avoidable. */
export function fixedPods(pods: number): Policy {
  return { name: `${pods} pods`, family: 'fixed', initialPods: pods, start: () => () => pods }
}
