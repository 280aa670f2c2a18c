import { type Decision, type Memory, nothingRemembered, type Sample } from '../autoscale/index.ts'
import type { Reconciled } from '../kube/index.ts'
import type { Applied } from './ensure-workers.ts'
import type { Mark } from './finite/pace.ts'
import type { JobIdentity } from './names.ts'
import type { CompressionJob, Deployment } from './resources.ts'
import type { CompressionJobSpec, Status } from './schema/index.ts'
import type { ReadSecret } from './webhook/index.ts'

/** What is remembered of a job between reconciles. All of it can be lost: a restarted operator goes on without. */
export interface Remembered {
  applied?: Applied | undefined
  memory: Memory
  samples: readonly Sample[]
  /** Of a job that ends: how far it was. */
  marks: readonly Mark[]
  /** Of a job that has ended. */
  topicGone?: true
  webhook?: ReadSecret | undefined
}

export const nothingKnown: Remembered = { memory: nothingRemembered, samples: [], marks: [] }

export interface Seen {
  job: CompressionJob
  deployment: Deployment | undefined
  remembered: Remembered
  /** Milliseconds that only go forward. */
  at: number
}

/** A job with a spec that can be run. */
export interface ToRun extends Seen {
  identity: JobIdentity
  spec: CompressionJobSpec
}

/** What one step of a job comes to: what to say of it, what to remember, when to look again. */
export interface Outcome extends Reconciled {
  status: Status
  /** Absent when nothing was decided. */
  decision?: Decision
  /** Records not done, by partition; absent when Kafka does not say. */
  lag?: readonly number[] | undefined
  remembered: Remembered | undefined
}
