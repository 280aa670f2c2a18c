import type { Arrival, Settings, Snapshot } from './snapshot.ts'

/**
 * Share of the time that slots should be busy with what arrives. What waits counts on top of it, so that this may be
 * high: in simulation 0.8 costs 7 % more pod-hours for 0.05 points fewer late (docs/autoscaling.md).
 */
export const rho = 0.9

/** The last half minute stands out when it is above the mean by so many deviations of ten seconds (2.6 of its own). */
const burstSigmas = 1.5

/** A partition counts as hot once it has had too much work for so long. */
const hotMs = 30_000

export interface Need {
  /** Slots. */
  slots: number
  /** Work that waits, seconds. */
  work: number
  /** Seconds of work that arrive in a second. */
  arrival: number
  /** Seconds in which the waiting work should be done. */
  drain: number
  /** Partitions that have more work than one pod can do, for some time. */
  hot: number
  /** Whether more slots could do more: false when every partition has all it can use. */
  bound: boolean
  hotSince: ReadonlyMap<number, number>
}

/** The burst when the last half minute stands out of the last two minutes, else the mean. */
export function arrivalRate({ mean, sigma, recent }: Arrival): number {
  return recent > mean + burstSigmas * sigma ? recent : mean
}

/**
 * Slots that a stream of work needs: `arrival / rho + work / drain` for every partition, as far as it can use them. What
 * waits can use one slot a task, however long they take.
 */
export function streamNeed(
  snapshot: Snapshot,
  settings: Settings,
  before: ReadonlyMap<number, number>,
): Need {
  const { lag, releasedSeconds, unreleasedSeconds, openTasks, at } = snapshot
  const { targetDrainSeconds, startSeconds, slotsPerPartition: most } = settings
  const arrival = arrivalRate(snapshot.arrival)
  // What a new pod cannot help any more is gone from the target; never all of it, or the need would have no bound.
  const drain = Math.max(
    targetDrainSeconds / 4,
    targetDrainSeconds - snapshot.serviceP95Seconds - startSeconds,
  )
  const records = lag.reduce((sum, one) => sum + one, 0)
  const partitions = Math.max(1, lag.length)
  const demands = lag.map((own) => {
    // The relay fills the emptiest partition first: what is not in the topic yet spreads evenly.
    const released = records === 0 ? releasedSeconds / partitions : (releasedSeconds * own) / records
    const tasks = own + Math.max(0, openTasks - records) / partitions
    const waiting = Math.min(tasks, (released + unreleasedSeconds / partitions) / drain)
    // What arrives goes where lag is, if it is somewhere: one record in each counts as nowhere.
    const share = (own + 1) / (records + partitions)
    return (arrival * share) / rho + waiting
  })
  const hotSince = new Map(
    demands.flatMap((demand, number) => (demand > most ? [[number, before.get(number) ?? at] as const] : [])),
  )
  return {
    slots: demands.reduce((sum, demand) => sum + Math.min(demand, most), 0),
    work: releasedSeconds + unreleasedSeconds,
    arrival,
    drain,
    hot: [...hotSince.values()].filter((since) => at - since >= hotMs).length,
    bound: demands.length > 0 && demands.every((demand) => demand >= most),
    hotSince,
  }
}

/** Slots that finish what is left of a job in time; all of them when there is no deadline or it has passed. */
export function finiteNeed(
  snapshot: Snapshot,
  settings: Settings,
  { remainingSeconds, deadlineAt, pace }: NonNullable<Snapshot['finite']>,
): Need {
  const { lag, at, openTasks } = snapshot
  const useful = Math.min(openTasks, lag.length * settings.slotsPerPartition)
  const left = deadlineAt === undefined ? 0 : (deadlineAt - at) / 1000 - settings.startSeconds
  const wanted = left > 0 ? remainingSeconds / pace / left : Number.POSITIVE_INFINITY
  return {
    slots: Math.min(wanted, useful),
    work: remainingSeconds,
    arrival: 0,
    drain: Math.max(0, left),
    hot: 0,
    bound: wanted >= lag.length * settings.slotsPerPartition && openTasks > useful,
    hotSince: new Map(),
  }
}

/**
 * Pods for so many slots. Where a partition feeds one slot only, those that would not lower the largest number of
 * partitions in one pod are left out: they would idle.
 */
export function podsFor(need: number, partitions: number, { slots, slotsPerPartition }: Settings): number {
  const pods = Math.ceil(need / slots - 1e-9)
  if (pods <= 0 || partitions === 0 || slotsPerPartition > 1) return Math.max(0, pods)
  return Math.ceil(partitions / Math.ceil(partitions / pods))
}
