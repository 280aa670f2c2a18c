import type { Decision } from '../autoscale/index.ts'
import { type Judgement, judged } from './conditions.ts'
import { type JobIdentity, selectorOf, selectorText } from './names.ts'
import { acceptedOf, type Observation } from './observe.ts'
import type { Deployment } from './resources.ts'
import type { Status } from './schema/index.ts'

export interface Running {
  observation: Observation
  decision: Decision
  /** Undefined when it is gone. */
  deployment: Deployment | undefined
  suspended: boolean
  dryRun: boolean
}

/**
 * What can be said of a job that is in place. A function of what was seen.
 *
 * @param own what is judged otherwise, or besides, for this kind of job
 */
export function runningStatus(
  job: JobIdentity & { generation: number | undefined },
  before: Status | undefined,
  { observation: { figures, lag }, decision, deployment, suspended, dryRun }: Running,
  now: Date,
  own: readonly Judgement[] = [],
): Status {
  const open = figures.waitingTasks + figures.releasedTasks
  const saved = figures.bytesIn - figures.bytesOut
  const ready = deployment?.status?.readyReplicas ?? 0
  const workSeconds = (figures.waitingMs + figures.releasedMs) / 1000
  const chosen = decision.reason !== 'Fixed' && decision.reason !== 'Suspended'
  const judgements: Judgement[] = [
    {
      type: 'Ready',
      status: true,
      reason: 'InPlace',
      message: 'Topic, credentials and workers are in place.',
    },
    progressing({ open, left: figures.queued + figures.processing, ready, suspended }),
    lag === undefined
      ? {
          type: 'Degraded',
          status: true,
          reason: 'LagUnknown',
          message:
            'Kafka does not say how much is waiting; it is asked again, and nothing is scaled meanwhile.',
        }
      : {
          type: 'Degraded',
          status: false,
          reason: 'AllAnswer',
          message: 'Everything it depends on answers.',
        },
    {
      type: 'ScalingActive',
      status: chosen && !dryRun,
      reason: dryRun && chosen ? 'DryRun' : decision.reason,
      message: decision.sentence,
    },
    {
      type: 'PartitionBound',
      status: decision.partitionBound,
      reason: decision.partitionBound ? 'PartitionsAreTheLimit' : 'PartitionsSuffice',
      message: decision.partitionBound
        ? 'Partitions have all the slots they can use: raise spec.partitions to go faster.'
        : 'Partitions are not the limit.',
    },
  ]
  const all = [...judgements.filter(({ type }) => !own.some((one) => one.type === type)), ...own]
  return {
    observedGeneration: job.generation,
    conditions: judged(before?.conditions, all, { now, generation: job.generation }),
    files: {
      found: acceptedOf(figures),
      queued: figures.queued,
      processing: figures.processing,
      completed: figures.completed,
      failed: figures.failed,
    },
    bytes: { in: figures.bytesIn, out: figures.bytesOut, saved },
    ...(figures.bytesIn > 0 && { savingsPercent: Math.round((saved / figures.bytesIn) * 1000) / 10 }),
    ...(lag !== undefined && {
      lag: {
        records: lag.reduce((sum, one) => sum + one, 0),
        workSeconds: Math.round(workSeconds * 10) / 10,
      },
    }),
    replicas: { desired: deployment?.spec.replicas ?? 0, ready },
    selector: selectorText(selectorOf(job)),
    lastDecision: lastDecision(before, decision, now),
    startTime: before?.startTime ?? now.toISOString(),
  }
}

function progressing({
  open,
  left,
  ready,
  suspended,
}: {
  /** Tasks that somebody may work on now. */
  open: number
  /** Files that have not ended. */
  left: number
  ready: number
  suspended: boolean
}): Judgement {
  const say = (status: boolean, reason: string, message: string): Judgement => ({
    type: 'Progressing',
    status,
    reason,
    message,
  })
  if (suspended) return say(false, 'Suspended', 'spec.suspend is true: nothing new is begun.')
  if (left > 0 && open === 0) return say(true, 'BackingOff', 'What failed for now is tried again later.')
  if (open === 0) return say(false, 'Idle', 'Nothing is open.')
  if (ready === 0) return say(true, 'WaitingForWorkers', 'Work is open and no worker is ready yet.')
  return say(true, 'Working', 'Work is open.')
}

/** A decision that comes to the same is the same decision: its time and terms stay, and the status is not written again. */
function lastDecision(
  before: Status | undefined,
  { replicas, reason, sentence, terms }: Decision,
  now: Date,
) {
  const last = before?.lastDecision
  if (last !== undefined && last.replicas === replicas && last.reason === sentence) return last
  // A lull in which only figures move is not worth a write to the API server every five seconds.
  if (last !== undefined && last.replicas === replicas && reason === 'Steady') return last
  return { at: now.toISOString(), replicas, reason: sentence, terms: { ...terms } }
}

/** What is said of a job that could not be brought in place. */
export function troubledStatus(
  job: { generation?: number | undefined },
  before: Status | undefined,
  trouble: { reason: string; message: string; temporary: boolean },
  now: Date,
): Status {
  const { reason, message, temporary } = trouble
  const judgements: Judgement[] = [
    { type: 'Ready', status: false, reason, message },
    ...(temporary ? [{ type: 'Degraded', status: true, reason, message } as const] : []),
  ]
  return {
    ...before,
    observedGeneration: job.generation,
    conditions: judged(before?.conditions, judgements, { now, generation: job.generation }),
  }
}
