import type { Logger, Metrics, Tracer } from '../telemetry/index.ts'

/** What every part of delivery is given: time, and where to say what it does. */
export interface DeliveryDeps {
  clock: () => Date
  logger: Logger
  metrics: Metrics
  tracer: Tracer
}
