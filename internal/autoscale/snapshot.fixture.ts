import type { Settings, Snapshot } from './snapshot.ts'

/** A quiet job with two partitions. */
export function snapshot(given: Partial<Snapshot> = {}): Snapshot {
  return {
    at: 0,
    lag: [0, 0],
    releasedSeconds: 0,
    unreleasedSeconds: 0,
    openTasks: 0,
    arrival: { mean: 0, sigma: 0, recent: 0 },
    serviceP95Seconds: 2,
    replicas: 0,
    ageMs: 1000,
    throttled: false,
    degraded: false,
    ...given,
  }
}

/** Pods of four slots; 50 s for what waits, at the service time above. */
export function settings(given: Partial<Settings> = {}): Settings {
  return {
    minReplicas: 0,
    maxReplicas: 10,
    targetDrainSeconds: 60,
    scaleDownStabilizationSeconds: 180,
    suspended: false,
    slots: 4,
    slotsPerPartition: 4,
    startSeconds: 8,
    ...given,
  }
}
