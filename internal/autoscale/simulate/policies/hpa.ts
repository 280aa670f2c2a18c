/**
 * The HorizontalPodAutoscaler of Kubernetes for one external metric with an AverageValue target, as
 * `pkg/controller/podautoscaler/horizontal.go` and `replica_calculator.go` compute it.
 */
export interface HpaSettings {
  minReplicas: number
  maxReplicas: number
  /** `--horizontal-pod-autoscaler-tolerance`. */
  tolerance: number
  scaleUp: ScalingRules
  scaleDown: ScalingRules
}

/** Of `behavior.scaleUp` and `behavior.scaleDown`, with selectPolicy Max. */
export interface ScalingRules {
  stabilizationSeconds: number
  policies: readonly { type: 'Pods' | 'Percent'; value: number; periodSeconds: number }[]
}

/** `--horizontal-pod-autoscaler-sync-period`. */
export const syncSeconds = 15

/**
 * The defaults of `pkg/apis/autoscaling/v2/defaults.go`: up by the greater of 4 pods and 100 % in 15 s, at once; down by
 * 100 % in 15 s, to the highest recommendation of 300 s.
 */
export const defaultBehaviour = {
  tolerance: 0.1,
  scaleUp: {
    stabilizationSeconds: 0,
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationSeconds: 300,
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
} as const satisfies Omit<HpaSettings, 'minReplicas' | 'maxReplicas'>

export interface HpaMemory {
  recommendations: readonly { at: number; replicas: number }[]
  /** Changes that were made, up as positive numbers and down as negative ones. */
  events: readonly { at: number; change: number }[]
}

export const noHpaMemory: HpaMemory = { recommendations: [], events: [] }

export interface HpaSeen {
  /** Seconds. */
  at: number
  /** `scale.spec.replicas`. */
  specReplicas: number
  /** `scale.status.replicas`: pods that are there. */
  statusReplicas: number
  /** Sum of the metric over all pods. */
  metric: number
  /** AverageValue: what one pod should have of it. */
  target: number
}

/** One sync. A target without replicas is left alone: "scaling is disabled since the replica count of the target is zero". */
export function syncHpa(
  seen: HpaSeen,
  settings: HpaSettings,
  memory: HpaMemory,
): { replicas: number; memory: HpaMemory } {
  const { at, specReplicas: current } = seen
  const { minReplicas, maxReplicas, scaleUp, scaleDown } = settings
  if (current === 0) return { replicas: 0, memory }
  if (current > maxReplicas) return changed(at, current, maxReplicas, memory)
  if (current < minReplicas) return changed(at, current, minReplicas, memory)

  const recommended = recommend(seen, settings)
  const kept = remember(memory, settings, at)
  // recordInitialRecommendation: what there was when it began counts as recommended.
  const known = kept.recommendations.length > 0 ? kept.recommendations : [{ at, replicas: current }]
  const up = recommended >= current
  const rules = up ? scaleUp : scaleDown
  const window = known
    .filter((one) => one.at > at - rules.stabilizationSeconds)
    .map(({ replicas }) => replicas)
  const stable = up ? Math.min(recommended, ...window) : Math.max(recommended, ...window)
  const next = { ...kept, recommendations: [...known, { at, replicas: recommended }] }
  return changed(at, current, limited(at, current, stable, settings, kept.events), next)
}

/**
 * GetExternalPerPodMetricReplicas: `usageRatio = usage / (targetPerPod * statusReplicas)`; only when
 * `|1 - usageRatio| > tolerance` the count becomes `ceil(usage / targetPerPod)`.
 */
function recommend({ metric, target, statusReplicas }: HpaSeen, { tolerance }: HpaSettings): number {
  const ratio = metric / (target * statusReplicas)
  return Math.abs(1 - ratio) > tolerance ? Math.ceil(metric / target) : statusReplicas
}

/**
 * convertDesiredReplicasWithBehaviorRate: what the policies allow, counted from the replicas at the start of each one's
 * period (`currentReplicas - replicasAddedInCurrentPeriod`).
 */
function limited(
  at: number,
  current: number,
  desired: number,
  { minReplicas, maxReplicas, scaleUp, scaleDown }: HpaSettings,
  events: HpaMemory['events'],
): number {
  const within = (seconds: number, sign: 1 | -1) =>
    events
      .filter((event) => event.at > at - seconds && event.change * sign > 0)
      .reduce((sum, { change }) => sum + change, 0)
  if (desired > current) {
    const limits = scaleUp.policies.map(({ type, value, periodSeconds }) => {
      const start = current - within(periodSeconds, 1)
      return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100))
    })
    return Math.min(desired, maxReplicas, Math.max(current, ...limits))
  }
  if (desired < current) {
    const limits = scaleDown.policies.map(({ type, value, periodSeconds }) => {
      const start = current - within(periodSeconds, -1)
      return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100))
    })
    return Math.max(desired, minReplicas, Math.min(current, ...limits))
  }
  return desired
}

function changed(
  at: number,
  from: number,
  to: number,
  memory: HpaMemory,
): { replicas: number; memory: HpaMemory } {
  if (from === to) return { replicas: to, memory }
  return { replicas: to, memory: { ...memory, events: [...memory.events, { at, change: to - from }] } }
}

/** Without what no window looks back to any more. */
function remember({ recommendations, events }: HpaMemory, settings: HpaSettings, at: number): HpaMemory {
  const { scaleUp, scaleDown } = settings
  const longest = Math.max(scaleUp.stabilizationSeconds, scaleDown.stabilizationSeconds)
  const period = Math.max(
    ...[...scaleUp.policies, ...scaleDown.policies].map(({ periodSeconds }) => periodSeconds),
  )
  return {
    recommendations: recommendations.filter((one) => one.at > at - longest),
    events: events.filter((one) => one.at > at - period),
  }
}
