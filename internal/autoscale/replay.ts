import { type Decision, decide } from './decide.ts'
import type { Recorded } from './recorded.ts'
import { type Memory, nothingRemembered, type Settings } from './snapshot.ts'

export interface Replayed {
  recorded: Recorded
  /** What is decided now on what was seen then. */
  decision: Decision
}

/**
 * Decides once more on what was recorded, by the same function, with a memory of its own for every job. The snapshots
 * stay what they were: a decision that differs changes nothing of what is seen next.
 *
 * @param records in the order in which they were recorded
 * @param change settings that shall be others than they were
 */
export function replay(records: Iterable<Recorded>, change: Partial<Settings> = {}): Replayed[] {
  const memories = new Map<string, Memory>()
  return Array.from(records, (recorded) => {
    const memory = memories.get(recorded.job) ?? nothingRemembered
    const decision = decide(recorded.snapshot, { ...recorded.settings, ...change }, memory)
    memories.set(recorded.job, decision.memory)
    return { recorded, decision }
  })
}
