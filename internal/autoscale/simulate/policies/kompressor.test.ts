import { describe, expect, it } from 'vitest'
import { simulate } from '../run.ts'
import { ordinaryWorld, type Task, type Trace } from '../world.ts'
import { kompressor } from './kompressor.ts'

const policy = kompressor('test', {
  minReplicas: 0,
  maxReplicas: 24,
  targetDrainSeconds: 60,
  scaleDownStabilizationSeconds: 180,
  suspended: false,
  slots: 2,
  slotsPerPartition: 2,
  startSeconds: 10,
})

/** One task of `cost` seconds every `every` seconds. */
function constant(every: number, cost: number, given: Partial<Trace> & { partition?: number } = {}): Trace {
  const { partition, ...trace } = given
  const seconds = 3600
  const tasks = Array.from({ length: Math.floor((seconds - 1) / every) }, (_, i): Task => {
    return {
      acceptedAt: (i + 1) * every,
      cost,
      predicted: cost,
      ...(partition !== undefined && { partition }),
    }
  })
  return { name: 'constant', seconds, tasks, incidents: [], initialPods: 0, ...trace }
}

const play = (trace: Trace) => simulate(ordinaryWorld, trace, policy, 1)
const settledAt = (trace: Trace) => play(trace).timeline.filter(({ at }) => at > 900)
const replicasAt = (trace: Trace, until: number) =>
  play(trace).timeline.findLast(({ at }) => at < until)?.replicas

describe('the policy in its loop', () => {
  it.each([
    // Slots of work that arrive: 0.5, 4 and 16.
    [4, 2],
    [0.5, 2],
    [0.25, 4],
  ])('does not oscillate under constant load: one task every %f s of %f s', (every, cost) => {
    const trace = constant(every, cost)
    expect(settledAt(trace)).toEqual([])
    expect(play(trace).late).toBe(0)
  })

  it('has about the slots that are needed, and not many more', () => {
    // 8 slots of work are 4 pods; those, and a tenth for what waits.
    expect(replicasAt(constant(0.25, 2), 3000)).toBeGreaterThanOrEqual(4)
    expect(replicasAt(constant(0.25, 2), 3000)).toBeLessThanOrEqual(6)
  })

  it('counts what files take and not what was predicted', () => {
    const trace = constant(0.25, 2)
    const cheap = { ...trace, tasks: trace.tasks.map((task) => ({ ...task, predicted: 0.5 })) }
    expect(replicasAt(cheap, 3000)).toBeGreaterThanOrEqual(4)
    // Until it has seen what they take it has fewer pods than it should.
    expect(play(cheap).late).toBeLessThan(cheap.tasks.length / 100)
  })

  it('climbs no higher than one partition can use when all keys are one', () => {
    const pods = play(constant(0.25, 2, { partition: 0 })).timeline.map(({ replicas }) => replicas)
    expect(Math.max(...pods)).toBeLessThanOrEqual(4)
  })

  it('takes nothing away and adds nothing while the broker is away', () => {
    const trace = constant(0.5, 2, { incidents: [{ kind: 'outage', from: 1200, to: 1500 }] })
    const during = play(trace).timeline.filter(({ at }) => at > 1200 && at < 1500)
    expect(during).toEqual([])
  })
})
