import type { JobDecision } from '../api/index.ts'

export interface History {
  /** Seconds since the epoch, evenly spaced, oldest first. */
  times: number[]
  /** Worker pods decided on, and those that were ready. */
  decided: number[]
  ready: number[]
  /** Slots the work needs, and those of the pods there were; null while a number was fixed. */
  need: (number | null)[]
  capacity: (number | null)[]
  /** Predicted work that waits, seconds of one slot. */
  work: (number | null)[]
}

/** Points of a chart: more cannot be told apart. */
const points = 240

/**
 * Decisions as they held over time, at even steps: one holds until the next. Undefined for fewer than two, which make no
 * line.
 *
 * @param decisions newest first
 */
export function historyOf(decisions: readonly JobDecision[]): History | undefined {
  const oldestFirst = decisions.toReversed()
  const first = oldestFirst[0]
  const last = oldestFirst.at(-1)
  if (first === undefined || last === undefined || first === last) return undefined
  const from = Date.parse(first.at)
  const step = (Date.parse(last.at) - from) / (points - 1)
  const history: History = { times: [], decided: [], ready: [], need: [], capacity: [], work: [] }
  let index = 0
  for (let i = 0; i < points; i++) {
    const at = from + i * step
    while (index + 1 < oldestFirst.length && Date.parse(oldestFirst[index + 1]?.at ?? '') <= at + 1)
      index += 1
    const { replicas, ready, terms } = oldestFirst[index] ?? last
    history.times.push(at / 1000)
    history.decided.push(replicas)
    history.ready.push(ready)
    history.need.push(terms.need ?? null)
    history.capacity.push(terms.slots === undefined ? null : replicas * terms.slots)
    history.work.push(terms.work ?? null)
  }
  return history
}

export interface Told extends JobDecision {
  /** How often in a row it came to the same. */
  times: number
  /** When it first did. */
  since: string
}

/** Decisions for reading, newest first: those in a row that came to the same are told once, with the newest terms. */
export function told(decisions: readonly JobDecision[]): Told[] {
  const runs: Told[] = []
  for (const decision of decisions) {
    const run = runs.at(-1)
    if (run?.reason === decision.reason && run.replicas === decision.replicas) {
      run.times += 1
      run.since = decision.at
    } else runs.push({ ...decision, times: 1, since: decision.at })
  }
  return runs
}
