import type { Settings } from '../autoscale/index.ts'
import type { CompressionJobSpec } from './schema/index.ts'

/** What a new pod takes until its first record, beyond its work, seconds: image pull aside, start, poll and rebalance. */
const startSeconds = 10
/** Slots of a worker whose CPU limit nobody said. */
const defaultSlots = 2

/** What the scaling policy is told of a job's spec. */
export function settingsOf({ scaling, suspend, worker }: CompressionJobSpec): Settings {
  const limit = worker?.resources?.limits?.cpu ?? worker?.resources?.requests?.cpu
  const slots = worker?.slots ?? (limit === undefined ? defaultSlots : Math.max(1, Math.ceil(cores(limit))))
  return {
    minReplicas: scaling.minReplicas,
    maxReplicas: scaling.maxReplicas,
    targetDrainSeconds: scaling.targetDrainSeconds,
    scaleDownStabilizationSeconds: scaling.scaleDownStabilizationSeconds,
    replicas: scaling.replicas,
    suspended: suspend,
    slots,
    // A partition belongs to one pod, which gives its records to all of its slots.
    slotsPerPartition: slots,
    startSeconds,
  }
}

/** A Kubernetes quantity of CPU: `2`, `1.5`, `500m`. */
function cores(quantity: string | number): number {
  const text = String(quantity)
  return text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text)
}
