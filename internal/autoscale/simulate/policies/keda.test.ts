import { describe, expect, it } from 'vitest'
import type { View } from '../policy.ts'
import { type KedaSettings, kafkaMetric, keda, kedaDefaults } from './keda.ts'

const quiet: View = {
  at: 0,
  answers: true,
  lag: [0, 0, 0, 0],
  exactLag: [0, 0, 0, 0],
  openTasks: 0,
  releasedSeconds: 0,
  unreleasedSeconds: 0,
  p95Seconds: 0,
  accepted: 0,
  done: 0,
  busySlots: 0,
  busySeconds: 0,
  replicas: 0,
  pods: 0,
}

/** Asks every five seconds; pods are there at once. Gives the count at the end of every quarter of a minute. */
function follow(
  given: Partial<KedaSettings>,
  seconds: number,
  seen: (at: number) => Partial<View>,
): number[] {
  const decide = keda('test', { ...kedaDefaults, maxReplicaCount: 24, ...given }).start()
  const counts: number[] = []
  let replicas = seen(0).replicas ?? 0
  for (let at = 0; at <= seconds; at += 5) {
    replicas = decide({ ...quiet, ...seen(at), at, replicas, pods: replicas })
    if (at % 15 === 0) counts.push(replicas)
  }
  return counts
}

describe('kafkaMetric', () => {
  const lag = [30, 0, 1, 500]
  it.each([
    ['is no more than a target for every partition', {}, 40],
    ['is the whole lag where consumers may idle', { allowIdleConsumers: true }, 531],
    ['is no more than a target for every partition with lag', { limitToPartitionsWithLag: true }, 30],
    ['is a divisor of the partitions times the target', { ensureEvenDistributionOfPartitions: true }, 40],
    // 531 / 200 = 2 in integers, which is not above 4 partitions.
    ['is the lag as long as that is less', { lagThreshold: 200 }, 531],
  ])('%s', (_, given, metric) => {
    expect(kafkaMetric(lag, { ...kedaDefaults, ...given })).toEqual({ metric, active: true })
  })

  it('rounds up to a divisor of the partitions', () => {
    const even = { ...kedaDefaults, ensureEvenDistributionOfPartitions: true }
    expect(kafkaMetric([11, 10, 0, 0, 0, 0], even).metric).toBe(30)
    expect(kafkaMetric([21, 20, 0, 0, 0, 0], even).metric).toBe(60)
  })

  it('is active above the activation threshold alone', () => {
    const settings = { ...kedaDefaults, activationLagThreshold: 5 }
    expect(kafkaMetric([5, 0], settings).active).toBe(false)
    expect(kafkaMetric([5, 1], settings).active).toBe(true)
  })
})

describe('keda', () => {
  it('goes from none to one, and leaves the rest to the HPA', () => {
    const lag = Array.from({ length: 24 }, () => 100)
    expect(follow({}, 60, () => ({ lag }))).toEqual([1, 5, 10, 20, 24])
  })

  it('looks for work once in a polling interval', () => {
    const arrives = (at: number) => ({ lag: at < 5 ? [0] : [9] })
    expect(follow({}, 45, arrives)).toEqual([0, 0, 1, 1])
    expect(follow({ pollingInterval: 5 }, 45, arrives)).toEqual([0, 1, 1, 1])
  })

  it('goes to none once nothing was active for the cooldown period', () => {
    const counts = follow({ cooldownPeriod: 60 }, 120, (at) => ({ lag: [at < 30 ? 5 : 0], replicas: 1 }))
    // Active last at the look at 0 s; 60 s are over, not just reached, at that at 90 s.
    expect(counts).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0])
  })

  it('changes nothing while the broker does not answer', () => {
    const counts = follow({}, 60, (at) => ({ lag: [at < 30 ? 0 : 900], answers: false, replicas: 3 }))
    expect(counts).toEqual([3, 3, 3, 3, 3])
  })

  it('stalls at 22 pods of 24 partitions', () => {
    const lag = Array.from({ length: 24 }, () => 1000)
    expect(follow({}, 300, () => ({ lag, replicas: 22 })).at(-1)).toBe(22)
  })
})
