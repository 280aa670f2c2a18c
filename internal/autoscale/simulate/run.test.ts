import { describe, expect, it } from 'vitest'
import { fixedPods, type Policy } from './policy.ts'
import { type Outcome, simulate } from './run.ts'
import { traceNames, traceOf } from './traces.ts'
import { ordinaryWorld, type Task, type Trace, type World } from './world.ts'

const tasksAt = (count: number, at: (i: number) => number, cost = 1): Task[] =>
  Array.from({ length: count }, (_, i) => ({ acceptedAt: at(i), cost, predicted: cost }))

function traceWith(tasks: readonly Task[], given: Partial<Trace> = {}): Trace {
  return { name: 'test', seconds: 600, tasks, incidents: [], initialPods: 0, ...given }
}

/** Whatever is asked, in seconds and pods. */
function planned(plan: readonly (readonly [number, number])[]): Policy {
  const decide = (at: number) => plan.findLast(([from]) => at >= from)?.[1] ?? 0
  return {
    name: 'planned',
    family: 'planned',
    start:
      () =>
      ({ at }) =>
        decide(at),
  }
}

const play = (trace: Trace, policy: Policy, given: Partial<World> = {}): Outcome =>
  simulate({ ...ordinaryWorld, ...given }, trace, policy, 1)

describe('simulate', () => {
  it('gives the same for the same, and another day for another seed', () => {
    const trace = traceOf('hot key', 3)
    const policy = planned([
      [0, 6],
      [900, 9],
      [1500, 4],
    ])
    expect(simulate(ordinaryWorld, trace, policy, 3)).toEqual(
      simulate(ordinaryWorld, traceOf('hot key', 3), policy, 3),
    )
    expect(traceOf('hot key', 4).tasks).not.toEqual(trace.tasks)
  })

  it.each(traceNames)('does every task of %s that was accepted, with pods enough', (name) => {
    const trace = traceOf(name, 0)
    const { tasks, late } = play(trace, fixedPods(24))
    expect(tasks).toBe(trace.tasks.length)
    expect(late).toBeLessThan(tasks * 0.15)
  })

  it('calls everything late that nobody works on', () => {
    const outcome = play(traceWith(tasksAt(50, (i) => i)), fixedPods(0))
    expect(outcome).toMatchObject({ tasks: 50, late: 50, podSeconds: 0 })
  })

  it('does as many at once as there are slots', () => {
    // 96 of 10 s over 48 slots are 20 s, over 8 slots 120 s: half of them too late.
    const trace = traceWith(tasksAt(96, () => 100, 10))
    expect(play(trace, fixedPods(24)).late).toBe(0)
    expect(play(trace, fixedPods(4)).late).toBe(48)
  })

  it('works on one record of a partition at a time where their order counts', () => {
    const trace = traceWith(tasksAt(10, () => 100, 10).map((task) => ({ ...task, partition: 0 })))
    expect(play(trace, fixedPods(24), { slotsPerPartition: 1 }).late).toBe(4)
    expect(play(trace, fixedPods(24), { slotsPerPartition: 2 }).late).toBe(0)
  })

  it('counts pods from their creation until they are gone', () => {
    const outcome = play(
      traceWith([]),
      planned([
        [100, 3],
        [200, 1],
      ]),
    )
    // Ticks are up to five seconds late; the last pod stays until the end.
    expect(outcome.podSeconds).toBeGreaterThan(2 * 95 + 495)
    expect(outcome.podSeconds).toBeLessThan(2 * 105 + 505)
    expect(outcome.timeline.map(({ replicas }) => replicas)).toEqual([3, 1])
  })

  it('finishes on a pod that is to go what it has in hand, and no more than the grace period', () => {
    const trace = traceWith(
      tasksAt(2, () => 90, 200),
      { initialPods: 1 },
    )
    const scaledIn = planned([
      [0, 1],
      [100, 0],
    ])
    expect(play(trace, scaledIn, { sloSeconds: 300, graceSeconds: 250 }).late).toBe(0)
    expect(play(trace, scaledIn, { sloSeconds: 300, graceSeconds: 120 }).late).toBe(2)
  })

  it('stands still while an eager group agrees, and goes on elsewhere in a cooperative one', () => {
    // A second pod joins at about 106 s; one agreement takes 100 s.
    const trace = traceWith(
      tasksAt(40, (i) => 120 + i),
      { initialPods: 1 },
    )
    const joined = planned([
      [0, 1],
      [100, 2],
    ])
    const eager = play(trace, joined, { rebalance: { protocol: 'eager', seconds: 100 } })
    const cooperative = play(trace, joined, { rebalance: { protocol: 'cooperative', seconds: 100 } })
    expect(eager.late).toBeGreaterThan(20)
    expect(cooperative.late).toBeLessThan(eager.late)
    expect(eager.rebalances).toBe(1)
    expect(cooperative.rebalances).toBe(1)
  })

  it('works again on what was in work where a partition moves', () => {
    // The last partitions are those that the second pod takes over.
    const tasks = tasksAt(2, () => 90, 60).map((task) => ({ ...task, partition: 23 }))
    const trace = traceWith(tasks, { initialPods: 1 })
    const outcome = play(
      trace,
      planned([
        [0, 1],
        [100, 2],
      ]),
    )
    expect(outcome.repeated).toBeGreaterThan(0)
  })

  it('begins nothing during an outage of the broker, and everything after', () => {
    const trace = traceWith(
      tasksAt(60, (i) => 100 + i),
      { initialPods: 24, incidents: [{ kind: 'outage', from: 95, to: 200 }] },
    )
    expect(play(trace, fixedPods(24)).late).toBeGreaterThan(35)
    expect(play({ ...trace, incidents: [] }, fixedPods(24)).late).toBe(0)
  })

  it('gets no more out of a slow store with more pods than it gives', () => {
    const slow = (slots: number): Trace =>
      traceWith(
        tasksAt(400, () => 100, 2),
        { seconds: 1200, incidents: [{ kind: 'slow', from: 0, to: 1200, factor: 2, slots }] },
      )
    const few = play(slow(8), fixedPods(4)).late
    expect(play(slow(8), fixedPods(24)).late).toBeGreaterThan(few * 0.9)
    expect(play(slow(48), fixedPods(24)).late).toBeLessThan(few / 2)
  })
})
