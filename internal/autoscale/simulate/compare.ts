import type { Contenders } from './contenders.ts'
import { atCost, front, type Mixture } from './pareto.ts'
import type { Policy } from './policy.ts'
import { simulate } from './run.ts'
import { traceOf } from './traces.ts'
import type { World } from './world.ts'

/** One policy over all seeds of one trace, or of all of them. Numbers by seed, in the same order everywhere. */
export interface Result {
  name: string
  family: string
  /** Percentage points of late tasks above what no policy can avoid, mean over seeds. */
  late: number
  podHours: number
  rebalances: number
  lateBySeed: readonly number[]
}

export interface TraceResults {
  trace: string
  /** Percentage of tasks that are late with all pods from the start to the end. */
  unavoidable: number
  /** Pod-hours if every slot that is there worked all the time. */
  leastPodHours: number
  results: readonly Result[]
}

/** Ours against what the front of another family has for as many pod-hours. */
export interface Verdict {
  trace: string
  ours: Result
  /** Theirs at the same cost, by what it is mixed of. */
  theirs: Mixture<Result>
  theirLate: number
  /** Ours less theirs, percentage points, and its standard error over seeds. */
  difference: number
  standardError: number
}

/** Plays one trace with one seed under everybody. */
export function playTrace(
  world: World,
  { bound, policies }: Contenders,
  name: string,
  seeds: readonly number[],
): TraceResults {
  const traces = seeds.map((seed) => traceOf(name, seed))
  const play = (policy: Policy) =>
    traces.map((trace, i) => {
      const outcome = simulate(world, trace, policy, seeds[i] ?? 0)
      return { ...outcome, latePercent: (100 * outcome.late) / outcome.tasks }
    })
  const unavoidable = play(bound).map(({ latePercent }) => latePercent)
  const results = policies.map((policy): Result => {
    const outcomes = play(policy)
    const lateBySeed = outcomes.map(({ latePercent }, i) => latePercent - (unavoidable[i] ?? 0))
    return {
      name: policy.name,
      family: policy.family,
      late: mean(lateBySeed),
      podHours: mean(outcomes.map(({ podSeconds }) => podSeconds / 3600)),
      rebalances: mean(outcomes.map(({ rebalances }) => rebalances)),
      lateBySeed,
    }
  })
  const work = traces.map(({ tasks }) => tasks.reduce((sum, { cost }) => sum + cost, 0))
  return {
    trace: name,
    unavoidable: mean(unavoidable),
    leastPodHours: mean(work) / world.slots / 3600,
    results,
  }
}

/** All traces as one: pod-hours and rebalances are summed, late tasks are the mean of the traces' percentages. */
export function together(traces: readonly TraceResults[]): TraceResults {
  const [first] = traces
  const results = (first?.results ?? []).map((one, i): Result => {
    const own = traces.flatMap(({ results }) => results[i] ?? [])
    const lateBySeed = one.lateBySeed.map((_, seed) =>
      mean(own.map((result) => result.lateBySeed[seed] ?? 0)),
    )
    return {
      name: one.name,
      family: one.family,
      late: mean(lateBySeed),
      podHours: sum(own.map(({ podHours }) => podHours)),
      rebalances: sum(own.map(({ rebalances }) => rebalances)),
      lateBySeed,
    }
  })
  return {
    trace: 'all',
    unavoidable: mean(traces.map(({ unavoidable }) => unavoidable)),
    leastPodHours: sum(traces.map(({ leastPodHours }) => leastPodHours)),
    results,
  }
}

/** How one of our settings stands against the best that another family has at its cost. */
export function judge({ trace, results }: TraceResults, ours: Policy, family: string): Verdict {
  const own = results.find((one) => one.family === ours.family && one.name === ours.name)
  if (own === undefined) throw new RangeError(`${ours.name} did not take part`)
  const theirs = atCost(front(results.filter((one) => one.family === family)), own.podHours)
  const theirBySeed = own.lateBySeed.map((_, i) => {
    return (
      (1 - theirs.part) * (theirs.first.lateBySeed[i] ?? 0) + theirs.part * (theirs.second.lateBySeed[i] ?? 0)
    )
  })
  // By seed: both had the same arrivals, so that what they have in common cancels out.
  const differences = own.lateBySeed.map((late, i) => late - (theirBySeed[i] ?? 0))
  return {
    trace,
    ours: own,
    theirs,
    theirLate: mean(theirBySeed),
    difference: mean(differences),
    standardError: standardErrorOf(differences),
  }
}

/** On one trace: not worse by more than 0.2 points, or by no more than chance. */
export function holds({ difference, standardError }: Verdict): boolean {
  return difference <= Math.max(0.2, 2 * standardError)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length
}

function standardErrorOf(values: readonly number[]): number {
  if (values.length < 2) return 0
  const middle = mean(values)
  const variance = sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1)
  return Math.sqrt(variance / values.length)
}
