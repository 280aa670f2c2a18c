import type { Logger, Metrics, Tracer } from '../telemetry/index.ts'

/** What every process of a cluster is given. */
export interface ClusterDeps {
  logger: Logger
  metrics: Metrics
  tracer: Tracer
  /** Fires when the process is told to stop, perhaps before it has started. */
  signal: AbortSignal
}
