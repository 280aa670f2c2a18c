import { createLimiter, type Limiter } from '../limits/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { startHttpControl } from '../worker/index.ts'

export interface LimitedOptions {
  apiUrl: string
  jobUid: string
  token: string
  logger: Logger
}

/** Does the work of a planner or a report writer within its share of the job's limits, as the API tells it. */
export async function withinLimits<T>(
  options: LimitedOptions,
  work: (limiter: Limiter) => Promise<T>,
): Promise<T> {
  const limiter = createLimiter()
  const control = startHttpControl({ ...options, limiter })
  try {
    await control.told
    return await work(limiter)
  } finally {
    await control.stop()
  }
}
