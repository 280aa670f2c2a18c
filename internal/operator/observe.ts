import { arrivalOf, type Sample, type Snapshot } from '../autoscale/index.ts'
import { type JobFigures, jobFigures } from '../store/index.ts'
import { type Held, heldSnapshot } from './held.ts'
import { type JobIdentity, namesOf } from './names.ts'
import type { OperatorDeps } from './ports.ts'

export interface Observation {
  figures: JobFigures
  /** Records not done, by partition; undefined when Kafka does not say. */
  lag: number[] | undefined
}

/** Counts from the database, lag from Kafka. Kafka away is a finding; the database away is an error. */
export async function observe(
  deps: Pick<OperatorDeps, 'store' | 'broker' | 'logger' | 'now'>,
  job: JobIdentity,
): Promise<Observation> {
  const [figures] = await jobFigures(deps.store.db, [job.uid], deps.now())
  if (figures === undefined) throw new Error(`job ${job.uid} has no row`)
  return { figures, lag: await lagOf(deps, job) }
}

/** Records not done, by partition; undefined when Kafka does not say. */
export function lagOf(
  { broker, logger }: Pick<OperatorDeps, 'broker' | 'logger'>,
  job: JobIdentity,
): Promise<number[] | undefined> {
  const { topic, group } = namesOf(job)
  return broker.lag(group, topic).then(
    (partitions) =>
      partitions.toSorted((a, b) => a.partition - b.partition).map((partition) => partition.lag),
    (error: unknown) => {
      logger.warn({ error, job: job.name, namespace: job.namespace }, 'the lag cannot be read')
      return undefined
    },
  )
}

/** The snapshot the scaling policy judges. */
export function snapshotOf(
  { figures, lag }: Observation,
  {
    replicas,
    samples,
    at,
    held,
  }: { replicas: number; samples: readonly Sample[]; at: number; held: Held | undefined },
): Snapshot {
  const openTasks = figures.waitingTasks + figures.releasedTasks
  return {
    at,
    // A record whose task has ended is done but for its commit: no work, and no contradiction either.
    lag: openTasks === 0 ? (lag ?? []).map(() => 0) : (lag ?? []),
    releasedSeconds: figures.releasedMs / 1000,
    unreleasedSeconds: figures.waitingMs / 1000,
    openTasks,
    arrival: arrivalOf(samples),
    serviceP95Seconds: figures.p95Ms / 1000,
    replicas,
    ageMs: lag === undefined ? undefined : 0,
    ...heldSnapshot(held, replicas),
  }
}

/** What the rate of arrivals is told by. */
export function sampleOf({ figures }: Observation, at: number): Sample {
  return { at, busy: figures.processing, openSeconds: (figures.waitingMs + figures.releasedMs) / 1000 }
}

/** Everything that was ever accepted and is still counted. */
export function acceptedOf({ queued, processing, completed, failed }: JobFigures): number {
  return queued + processing + completed + failed
}
