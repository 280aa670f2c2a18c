import { arrivalOf, type Sample, sampled } from '../../arrival.ts'
import { decide } from '../../decide.ts'
import { nothingRemembered, type Settings, type Snapshot } from '../../snapshot.ts'
import type { Policy, View } from '../policy.ts'

/** The policy of the operator: the same function over the same figures. */
export function kompressor(name: string, settings: Settings): Policy {
  return {
    name,
    family: 'Kompressor',
    start() {
      let memory = nothingRemembered
      let samples: readonly Sample[] = []
      return (view) => {
        samples = sampled(samples, {
          at: view.at * 1000,
          busy: view.busySlots,
          openSeconds: view.releasedSeconds + view.unreleasedSeconds,
        })
        const decision = decide(snapshotOf(view, samples), settings, memory)
        memory = decision.memory
        return decision.replicas
      }
    },
  }
}

/** What the operator would see: throttled stores and other trouble are not told to it yet. */
export function snapshotOf(view: View, samples: readonly Sample[]): Snapshot {
  const { openTasks, releasedSeconds, unreleasedSeconds } = view
  return {
    at: view.at * 1000,
    lag: openTasks === 0 ? view.exactLag.map(() => 0) : view.exactLag,
    releasedSeconds,
    unreleasedSeconds,
    openTasks,
    arrival: arrivalOf(samples),
    serviceP95Seconds: view.p95Seconds,
    replicas: view.replicas,
    ageMs: view.answers ? 0 : undefined,
    throttled: false,
    degraded: false,
  }
}
