import { setTimeout as delay } from 'node:timers/promises'
import { toKompressorError } from '../errors/index.ts'
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
  { logger, signal }: { logger: Logger; signal: AbortSignal },
): Promise<T> {
  for (let wait = backoffMs.first; ; wait = Math.min(wait * 2, backoffMs.last)) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (caught) {
      const error = toKompressorError(caught)
      // What nobody foresaw is a bug and does not pass.
      if (!error.retryable || error.code === 'internal') throw caught
      logger.warn({ error }, `${what}: not yet; trying again`)
      await delay(wait, undefined, { signal })
    }
  }
}
