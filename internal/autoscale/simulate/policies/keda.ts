import type { Policy, View } from '../policy.ts'
import {
  defaultBehaviour,
  type HpaMemory,
  type HpaSettings,
  noHpaMemory,
  syncHpa,
  syncSeconds,
} from './hpa.ts'

/** A ScaledObject with one trigger of type `kafka`; names and defaults are KEDA's. */
export interface KedaSettings {
  lagThreshold: number
  activationLagThreshold: number
  allowIdleConsumers: boolean
  limitToPartitionsWithLag: boolean
  ensureEvenDistributionOfPartitions: boolean
  /** Seconds between two looks that decide about zero and one. */
  pollingInterval: number
  /** Seconds without activity before the last pod goes. */
  cooldownPeriod: number
  minReplicaCount: number
  maxReplicaCount: number
  behaviour: Omit<HpaSettings, 'minReplicas' | 'maxReplicas'>
}

export const kedaDefaults: KedaSettings = {
  lagThreshold: 10,
  activationLagThreshold: 0,
  allowIdleConsumers: false,
  limitToPartitionsWithLag: false,
  ensureEvenDistributionOfPartitions: false,
  pollingInterval: 30,
  cooldownPeriod: 300,
  minReplicaCount: 0,
  maxReplicaCount: 100,
  behaviour: defaultBehaviour,
}

/**
 * `getTotalLag` of `pkg/scalers/kafka_scaler.go`: the sum of the lags, but
 *
 *     if !allowIdleConsumers || limitToPartitionsWithLag || ensureEvenDistributionOfPartitions {
 *       upperBound := totalTopicPartitions
 *       if ensureEvenDistributionOfPartitions { totalLag = nextFactor * lagThreshold }
 *       if limitToPartitionsWithLag { upperBound = partitionsWithLag }
 *       if (totalLag / lagThreshold) > upperBound { totalLag = upperBound * lagThreshold }
 *     }
 *
 * in integers. It is active when the lag as it was is above activationLagThreshold.
 */
export function kafkaMetric(
  lag: readonly number[],
  settings: KedaSettings,
): { metric: number; active: boolean } {
  const { lagThreshold, allowIdleConsumers, limitToPartitionsWithLag } = settings
  const { ensureEvenDistributionOfPartitions: even } = settings
  const total = lag.reduce((sum, one) => sum + one, 0)
  const active = total > settings.activationLagThreshold
  if (allowIdleConsumers && !limitToPartitionsWithLag && !even) return { metric: total, active }
  const evened = even ? nextFactor(total, lag.length, lagThreshold) * lagThreshold : total
  const most = limitToPartitionsWithLag ? lag.filter((one) => one > 0).length : lag.length
  const metric = Math.trunc(evened / lagThreshold) > most ? most * lagThreshold : evened
  return { metric, active }
}

/** getNextFactorThatBalancesConsumersToTopicPartitions: the least divisor of the partitions that is enough. */
function nextFactor(total: number, partitions: number, threshold: number): number {
  for (let factor = 1; factor <= partitions; factor += 1) {
    if (partitions % factor === 0 && factor * threshold >= total) return factor
  }
  return partitions
}

/** What they see. */
export type KedaView = Pick<View, 'at' | 'answers' | 'lag' | 'replicas' | 'pods'>

/** KEDA with the HPA it creates. */
export function keda(name: string, settings: KedaSettings): Policy {
  return { name, family: 'KEDA', start: () => startKeda(settings) }
}

/**
 * Two loops over one number of replicas. KEDA's own (`pkg/scaling/executor/scale_scaledobjects.go`) looks every
 * pollingInterval and only decides between none and one: from none to max(1, minReplicaCount) when active, to none when
 * the last activity is more than cooldownPeriod ago. The HPA, which it creates with `minReplicas = max(1,
 * minReplicaCount)`, does the rest. While the broker does not answer neither changes anything: the HPA gets no metric,
 * and an inactive trigger in error without fallback is only reported.
 */
export function startKeda(settings: KedaSettings): (view: KedaView) => number {
  const { pollingInterval, cooldownPeriod, minReplicaCount, maxReplicaCount } = settings
  const hpa = {
    ...settings.behaviour,
    minReplicas: Math.max(1, minReplicaCount),
    maxReplicas: maxReplicaCount,
  }
  let memory: HpaMemory = noHpaMemory
  let polledAt = Number.NEGATIVE_INFINITY
  let syncedAt = Number.NEGATIVE_INFINITY
  let activeAt = Number.NEGATIVE_INFINITY
  return ({ at, answers, lag, replicas, pods }) => {
    let wanted = replicas
    if (!answers) return wanted
    const { metric, active } = kafkaMetric(lag, settings)
    if (due(at, polledAt, pollingInterval)) {
      polledAt = at
      if (active) activeAt = at
      if (wanted === 0 && active) wanted = Math.max(1, minReplicaCount)
      else if (wanted > 0 && !active && minReplicaCount === 0 && activeAt + cooldownPeriod < at) wanted = 0
    }
    if (wanted === replicas && due(at, syncedAt, syncSeconds)) {
      syncedAt = at
      const seen = { at, specReplicas: wanted, statusReplicas: pods, metric, target: settings.lagThreshold }
      const synced = syncHpa(seen, hpa, memory)
      memory = synced.memory
      wanted = synced.replicas
    }
    return wanted
  }
}

/** Ticks are a little more or less than a multiple apart. */
function due(at: number, last: number, every: number): boolean {
  return at - last > every - 1e-6
}
