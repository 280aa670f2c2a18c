import { describe, expect, it } from 'vitest'
import { defaultBehaviour, type HpaMemory, type HpaSettings, noHpaMemory, syncHpa } from './hpa.ts'

const settings: HpaSettings = { ...defaultBehaviour, minReplicas: 1, maxReplicas: 100 }

/** Syncs every 15 s with this metric; pods are there at once. */
function follow(metrics: readonly number[], replicas: number, given: Partial<HpaSettings> = {}): number[] {
  let memory: HpaMemory = noHpaMemory
  let current = replicas
  return metrics.map((metric, i) => {
    const seen = { at: i * 15, specReplicas: current, statusReplicas: current, metric, target: 10 }
    const synced = syncHpa(seen, { ...settings, ...given }, memory)
    memory = synced.memory
    current = synced.replicas
    return current
  })
}

const times = (count: number, metric: number) => Array.from({ length: count }, () => metric)

describe('syncHpa', () => {
  it('ramps up from 1 over 5 and 10 to 20, whatever is asked for', () => {
    expect(follow(times(5, 1000), 1, { maxReplicas: 24 })).toEqual([5, 10, 20, 24, 24])
  })

  it('stalls at 22 of 24 when the metric is capped at 24 targets', () => {
    // 240 / (22 * 10) = 1.09, which is within the tolerance of 0.1.
    expect(follow(times(40, 240), 22)).toEqual(times(40, 22))
    expect(follow(times(2, 240), 21)).toEqual([24, 24])
  })

  it('goes up to the least that makes one pod have its target, rounded up', () => {
    expect(follow([41], 3)).toEqual([5])
  })

  it('lets a tenth more or less be', () => {
    expect(follow([43, 37, 45], 4)).toEqual([4, 4, 5])
  })

  it('goes down to the highest recommendation of five minutes', () => {
    const counts = follow([100, ...times(19, 30), ...times(3, 20)], 10)
    expect(counts.slice(0, 20)).toEqual(times(20, 10))
    expect(counts.slice(20)).toEqual([3, 3, 3])
  })

  it('goes up to the lowest recommendation of its window when there is one', () => {
    const scaleUp = { ...defaultBehaviour.scaleUp, stabilizationSeconds: 60 }
    expect(follow([20, 90, 90, 90, 90, 90], 2, { scaleUp })).toEqual([2, 2, 2, 2, 6, 9])
  })

  it('takes away no more than its policy allows within a period', () => {
    const scaleDown = {
      stabilizationSeconds: 0,
      policies: [{ type: 'Pods', value: 2, periodSeconds: 30 }] as const,
    }
    expect(follow(times(6, 10), 10, { scaleDown })).toEqual([8, 8, 6, 6, 4, 4])
  })

  it('leaves alone what has no replicas, and brings back what is out of bounds', () => {
    expect(follow([1000], 0)).toEqual([0])
    expect(follow([1000], 200)).toEqual([100])
    expect(follow([0], 1, { minReplicas: 3 })).toEqual([3])
  })
})
