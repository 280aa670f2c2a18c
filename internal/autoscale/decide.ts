import { explain } from './explain.ts'
import { finiteNeed, type Need, podsFor, streamNeed } from './need.ts'
import type { Memory, Settings, Snapshot } from './snapshot.ts'

/** Why the number is what it is; a closed set, also the reason of the condition ScalingActive and a label of metrics. */
export const reasons = [
  'Fixed',
  'Suspended',
  'StaleData',
  'Contradictory',
  'ScaleUp',
  'ScaleDown',
  'ToZero',
  'AtMaximum',
  'AtMinimum',
  'Steady',
  'Stabilizing',
  'WithinTolerance',
  'PartitionBound',
  'Throttled',
  'Limited',
  'Degraded',
] as const
export type Reason = (typeof reasons)[number]

export interface Decision {
  replicas: number
  reason: Reason
  /** One sentence for people. */
  sentence: string
  /** Every number it was made of. */
  terms: Readonly<Record<string, number>>
  /** More pods would not help, because every partition has all the slots it can use. */
  partitionBound: boolean
  memory: Memory
}

/** Figures older than this are not acted on. */
const staleMs = 30_000
/** Above the present capacity by no more than this is let be. */
const tolerance = 0.15
/** Nothing open for so long, and the last pod goes. */
const idleMs = 120_000

/**
 * How many pods a job should have. A function of its arguments: the same snapshot, settings and memory give the same
 * decision. Between minReplicas and maxReplicas, except that a suspended job has none and a fixed number is obeyed.
 */
export function decide(snapshot: Snapshot, settings: Settings, memory: Memory): Decision {
  const { replicas: current, at, lag } = snapshot
  const { minReplicas, maxReplicas } = settings
  if (settings.replicas !== undefined) return fixed(settings.replicas, 'Fixed', memory, snapshot)
  if (settings.suspended) return fixed(0, 'Suspended', memory, snapshot)

  const fault = faultOf(snapshot)
  if (fault !== undefined) return fixed(Math.max(current, minReplicas), fault, memory, snapshot)

  const need =
    snapshot.finite === undefined
      ? streamNeed(snapshot, settings, memory.hotSince)
      : finiteNeed(snapshot, settings, snapshot.finite)
  // What arrived lately is a need, but nothing that is open; of a job that ends, what is not listed yet is.
  const open = snapshot.openTasks > 0 || (snapshot.finite !== undefined && need.slots > 0)
  const idleSince = open ? undefined : (memory.idleSince ?? at)
  const pods = podsFor(need.slots, lag.length, settings)
  // As long as something is open somebody works on it, and the last pod stays for a while after.
  const warm = open ? 1 : current > 0 && idleSince !== undefined && at - idleSince < idleMs ? 1 : 0
  const idle = !open && warm === 0
  const wanted = clamp(idle ? 0 : Math.max(pods, warm), minReplicas, maxReplicas)

  const since = at - settings.scaleDownStabilizationSeconds * 1000
  // After two minutes with nothing open there is no lull to bridge.
  const before = idle ? [] : memory.needs.filter((one) => one.at >= since)
  const needs = [...before, { at, replicas: wanted }]
  const kept: Memory = { needs, hotSince: need.hotSince, ...(idleSince !== undefined && { idleSince }) }
  const highest = Math.max(...needs.map((one) => one.replicas))

  const { replicas, reason } = choose(snapshot, settings, need, { wanted, highest, pods })
  const terms = termsOf(snapshot, settings, need, { pods, wanted, highest, replicas })
  return {
    replicas,
    reason,
    sentence: explain(reason, { from: current, to: replicas, ...terms }),
    terms,
    partitionBound: need.bound || need.hot > 0,
    memory: kept,
  }
}

function choose(
  { replicas: current, throttled, limited = false, degraded }: Snapshot,
  { minReplicas, maxReplicas, slots }: Settings,
  need: Need,
  { wanted, highest, pods }: { wanted: number; highest: number; pods: number },
): { replicas: number; reason: Reason } {
  if (wanted > current) {
    // Below the least there is nothing to consider.
    const floor = Math.max(current, minReplicas)
    if (degraded) return { replicas: floor, reason: 'Degraded' }
    if (throttled && current > 0) return { replicas: floor, reason: 'Throttled' }
    if (limited && current > 0) return { replicas: floor, reason: 'Limited' }
    const beyond = need.slots > current * slots * (1 + tolerance) || current < minReplicas
    if (!beyond) return { replicas: current, reason: 'WithinTolerance' }
    return { replicas: wanted, reason: pods > maxReplicas ? 'AtMaximum' : 'ScaleUp' }
  }
  const lower = Math.min(current, highest)
  if (lower < current)
    return { replicas: clamp(lower, minReplicas, maxReplicas), reason: lower === 0 ? 'ToZero' : 'ScaleDown' }
  if (current > maxReplicas) return { replicas: maxReplicas, reason: 'ScaleDown' }
  if (wanted < current) return { replicas: current, reason: 'Stabilizing' }
  if (need.bound) return { replicas: current, reason: 'PartitionBound' }
  if (pods > maxReplicas) return { replicas: current, reason: 'AtMaximum' }
  return { replicas: current, reason: pods < minReplicas ? 'AtMinimum' : 'Steady' }
}

/** What makes the figures useless, if anything. */
function faultOf({ ageMs, lag, releasedSeconds, unreleasedSeconds, openTasks, arrival, finite }: Snapshot) {
  if (ageMs === undefined || ageMs > staleMs) return 'StaleData'
  const figures = [
    ...lag,
    releasedSeconds,
    unreleasedSeconds,
    openTasks,
    arrival.mean,
    arrival.sigma,
    arrival.recent,
    ...(finite === undefined ? [] : [finite.remainingSeconds, finite.pace]),
  ]
  if (figures.some((figure) => !(figure >= 0 && figure < Number.POSITIVE_INFINITY))) return 'Contradictory'
  // Records that no task stands for, or a topic without partitions to hold what was released.
  const records = lag.reduce((sum, one) => sum + one, 0)
  const phantom = records > 0 && openTasks === 0
  return phantom || (lag.length === 0 && openTasks > 0) || finite?.pace === 0 ? 'Contradictory' : undefined
}

/** A number that does not come from the work. The memory is kept for when it does again. */
function fixed(
  replicas: number,
  reason: Reason,
  memory: Memory,
  { replicas: from, ageMs }: Snapshot,
): Decision {
  const terms = { current: from, replicas, ...(ageMs !== undefined && { ageSeconds: ageMs / 1000 }) }
  const sentence = explain(reason, { from, to: replicas, ...terms })
  return { replicas, reason, sentence, terms, partitionBound: false, memory }
}

function termsOf(
  { replicas: current, lag, openTasks, serviceP95Seconds }: Snapshot,
  { slots, minReplicas, maxReplicas }: Settings,
  need: Need,
  chosen: { pods: number; wanted: number; highest: number; replicas: number },
): Record<string, number> {
  const { hotSince: _, bound, slots: needSlots, ...numbers } = need
  return {
    current,
    records: lag.reduce((sum, one) => sum + one, 0),
    openTasks,
    partitions: lag.length,
    ...numbers,
    serviceP95: serviceP95Seconds,
    need: needSlots,
    bound: bound ? 1 : 0,
    slots,
    minReplicas,
    maxReplicas,
    ...chosen,
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
