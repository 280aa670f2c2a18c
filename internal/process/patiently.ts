import { setTimeout as delay } from 'node:timers/promises'
import { type ErrorCode, toKompressorError } from '../errors/index.ts'
import type { Logger } from '../telemetry/index.ts'

/** Milliseconds between two attempts: doubling from the first to the last. */
const backoffMs = { first: 500, last: 10_000 }

/**
 * Does what needs another server, again and again while that is not there: processes start in any order, and one that
 * ended instead would only be started again, later and later. Rejects with errors that will not pass by themselves, and
 * when the signal fires.
 */
export async function patiently<T>(
  what: string,
  attempt: () => Promise<T>,
  {
    logger,
    signal,
    passing = [],
  }: {
    logger: Logger
    signal: AbortSignal
    /** Errors that somebody is expected to put right, such as permissions that lack. */
    passing?: readonly ErrorCode[]
  },
): Promise<T> {
  for (let wait = backoffMs.first; ; wait = Math.min(wait * 2, backoffMs.last)) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (caught) {
      const error = toKompressorError(caught)
      // What nobody foresaw is a bug and does not pass.
      const passes = error.retryable ? error.code !== 'internal' : passing.includes(error.code)
      if (!passes) throw caught
      logger.warn({ error }, `${what}: not yet; trying again`)
      await delay(wait, undefined, { signal })
    }
  }
}
