import type { JobLimits } from '../messages/index.ts'
import type { Judgement } from './conditions.ts'
import type { Deployment } from './resources.ts'
import type { CompressionJobSpec } from './schema/index.ts'

/** Pods say every five seconds whether they are held back: what is older says nothing of now. Milliseconds. */
const freshMs = 20_000

/**
 * What each pod of a job may ask of stores. The limits are divided by the workers that are ready, and by the planner too
 * while it reads the source; for the seconds in which their number changes the sum may be another one.
 */
export function shareOf(
  { limits }: Pick<CompressionJobSpec, 'limits'>,
  { deployment, planning }: { deployment: Deployment | undefined; planning: boolean },
): JobLimits | undefined {
  if (limits === undefined) return undefined
  const pods = Math.max(1, (deployment?.status?.readyReplicas ?? 0) + (planning ? 1 : 0))
  const { requestsPerSecond, bytesPerSecond } = limits
  return {
    ...(requestsPerSecond !== undefined && { requestsPerSecond: requestsPerSecond / pods }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond: bytesPerSecond / pods }),
  }
}

/** Whether the limits, and not the workers, are what the job waits for. */
export function isLimited(
  { limits }: Pick<CompressionJobSpec, 'limits'>,
  { limitedAtMs }: { limitedAtMs: number | null },
  now: Date,
): boolean {
  return limits !== undefined && limitedAtMs !== null && now.getTime() - limitedAtMs < freshMs
}

/** Throttled as the limits have it. */
export function limitedJudgement({ limits = {} }: Pick<CompressionJobSpec, 'limits'>): Judgement {
  const { requestsPerSecond, bytesPerSecond } = limits
  const most = [
    ...(requestsPerSecond === undefined ? [] : [`${requestsPerSecond} requests`]),
    ...(bytesPerSecond === undefined ? [] : [`${bytesPerSecond} bytes`]),
  ].join(' and ')
  return {
    type: 'Throttled',
    status: true,
    reason: 'Limited',
    message: `spec.limits allow ${most} a second, and the workers take all of it. None are added; raise the limits to go faster.`,
  }
}

/** Throttled of a job that nothing slows down. */
export const notThrottled: Judgement = {
  type: 'Throttled',
  status: false,
  reason: 'NotThrottled',
  message: 'Neither a store nor spec.limits slows the workers down.',
}
