import type { Answered } from '../../fetch/index.ts'
import type { DeliveryOutcome } from '../../store/index.ts'
import { backoffMs } from '../backoff.ts'

/**
 * Attempts until a delivery is given up. With these pauses the last comes 15 to 30 hours after the first, 22 on average: a
 * receiver that was down over night has missed nothing.
 */
export const mostAttempts = 17
const pauses = { initialBackoffMs: 5_000, maxBackoffMs: 6 * 3_600_000 }
/** What asks for more patience than this does not get it. */
const longestPauseMs = pauses.maxBackoffMs

/** An answer, or why there is none. */
export type Called = Answered | { error: string }

/**
 * What becomes of a delivery. Any 2xx is taken, 410 ends the webhook, everything else is tried again: who has to correct an
 * address, a certificate or a right is a person, and needs time.
 *
 * @param failures attempts that came to nothing before this one
 * @param random uniform in [0, 1)
 */
export function judge(
  called: Called,
  { failures, now, random }: { failures: number; now: Date; random: () => number },
): DeliveryOutcome {
  const error = 'error' in called ? called.error : faultOf(called)
  if (error === undefined) return { kind: 'delivered' }
  if ('status' in called && called.status === 410) return { kind: 'gone', error }
  const attempts = failures + 1
  if (attempts >= mostAttempts)
    return { kind: 'given_up', error: `${error}; given up after ${attempts} attempts` }
  const asked = 'status' in called ? (called.retryAfterMs ?? 0) : 0
  const pauseMs = Math.max(backoffMs(attempts, pauses, random), Math.min(asked, longestPauseMs))
  return { kind: 'failed', error, nextAttemptAt: new Date(now.getTime() + pauseMs) }
}

function faultOf({ status }: Answered): string | undefined {
  if (status >= 200 && status < 300) return undefined
  if (status === 410) return 'the receiver answered 410: it wants no more of this'
  if (status >= 300 && status < 400)
    return `the receiver answered ${status}: redirects are not followed, name the address they lead to`
  return `the receiver answered ${status}`
}
