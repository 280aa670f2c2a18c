import type { Settings } from '../snapshot.ts'
import { ds2 } from './policies/ds2.ts'
import { defaultBehaviour } from './policies/hpa.ts'
import { type KedaSettings, keda, kedaDefaults } from './policies/keda.ts'
import { kompressor } from './policies/kompressor.ts'
import { fixedPods, type Policy } from './policy.ts'
import type { World } from './world.ts'

/** The name of our policy with the defaults of the resource. */
export const defaultName = 'target 60 s, hold 180 s'

/** Everybody who takes part, in one world. */
export interface Contenders {
  /** All pods from the start to the end: what is late even then, no policy can avoid. */
  bound: Policy
  ours: Policy
  policies: readonly Policy[]
}

export function contenders(world: World): Contenders {
  const kompressors = ourPolicies(world)
  const ours = kompressors.find(({ name }) => name === defaultName)
  if (ours === undefined) throw new Error(`no policy is called ${defaultName}`)
  const policies = [...kompressors, ...kedaPolicies(world), ...ds2Policies(world)]
  return { bound: fixedPods(world.maxReplicas), ours, policies }
}

function ourPolicies({ maxReplicas, slots, slotsPerPartition }: World): Policy[] {
  const settings: Omit<Settings, 'targetDrainSeconds' | 'scaleDownStabilizationSeconds'> = {
    minReplicas: 0,
    maxReplicas,
    suspended: false,
    slots,
    slotsPerPartition,
    startSeconds: 10,
  }
  const all = [
    [30, 180],
    [45, 180],
    [60, 180],
    [60, 120],
    [60, 60],
    [90, 60],
    [90, 180],
    [120, 60],
  ] as const
  return all.map(([targetDrainSeconds, scaleDownStabilizationSeconds]) =>
    kompressor(`target ${targetDrainSeconds} s, hold ${scaleDownStabilizationSeconds} s`, {
      ...settings,
      targetDrainSeconds,
      scaleDownStabilizationSeconds,
    }),
  )
}

/** KEDA as it comes, and as somebody who knows it would set it: it looks as often as we do, and holds less long. */
function kedaPolicies({ maxReplicas }: World): Policy[] {
  const one = (
    lagThreshold: number,
    [pollingInterval, cooldownPeriod, hold]: readonly [number, number, number],
    cap: Partial<KedaSettings>,
  ) => {
    const [flag = ''] = Object.keys(cap)
    const scaleDown = { ...defaultBehaviour.scaleDown, stabilizationSeconds: hold }
    return keda(`lag ${lagThreshold}, poll ${pollingInterval} s, hold ${hold} s ${flag}`.trimEnd(), {
      ...kedaDefaults,
      ...cap,
      lagThreshold,
      pollingInterval,
      cooldownPeriod,
      maxReplicaCount: maxReplicas,
      behaviour: { ...defaultBehaviour, scaleDown },
    })
  }
  const [asItComes, held, quick, hasty] = [
    [30, 300, 300],
    [5, 120, 120],
    [5, 60, 60],
    [5, 60, 0],
  ] as const
  return [
    ...[5, 10, 20].map((threshold) => one(threshold, asItComes, {})),
    ...[2, 4, 8, 12, 16, 24].map((threshold) => one(threshold, held, {})),
    ...[2, 4, 6, 8, 10, 12, 16, 20, 24, 32].map((threshold) => one(threshold, quick, {})),
    ...[8, 16].map((threshold) => one(threshold, hasty, {})),
    ...[4, 8, 12, 16].map((threshold) => one(threshold, quick, { limitToPartitionsWithLag: true })),
    ...[4, 8, 12, 16].map((threshold) => one(threshold, quick, { ensureEvenDistributionOfPartitions: true })),
  ]
}

function ds2Policies({ maxReplicas, slots }: World): Policy[] {
  return [0.5, 0.6, 0.7, 0.8, 0.9].map((utilization) =>
    ds2(`utilisation ${utilization}`, {
      slots,
      maxReplicas,
      window: 60,
      utilization,
      boundary: 0.1,
      catchUp: 60,
      stabilization: 30,
    }),
  )
}
