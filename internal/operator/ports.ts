import type { JobTokens } from '../auth/index.ts'
import type { Decision } from '../autoscale/index.ts'
import type { Broker } from '../broker/index.ts'
import type { Client, EventRecorder } from '../kube/index.ts'
import type { Store } from '../store/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { WorkerSettings } from './worker-manifests.ts'

/** What every verb of the operator may use. */
export interface OperatorDeps {
  client: Client
  store: Store
  broker: Broker
  tokens: JobTokens
  events: EventRecorder
  logger: Logger
  workers: WorkerSettings
  now: () => Date
  /** Told of every decision about the number of pods, for metrics. */
  onDecision?: (decision: Decision) => void
}
