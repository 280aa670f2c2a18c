import { setTimeout as delay } from 'node:timers/promises'
import { type KompressorError, toKompressorError } from '../errors/index.ts'
import type { JobApi } from '../jobapi/index.ts'
import type { Logger } from '../telemetry/index.ts'

export interface PersevereOptions {
  api: Pick<JobApi, 'tellTrouble'>
  logger: Logger
  signal: AbortSignal
  clock?: () => Date
  /** Milliseconds between two attempts: doubling from the first to the last. */
  backoffMs?: { first: number; last: number }
  /** How often it is tried at most, going by the latest failure. Default: for ever. */
  mostTries?: (error: KompressorError) => number
}

/** Nobody wants it any more. */
const unwanted = new Set(['job_not_found', 'cancelled'])

/**
 * Does what a pod of a finite job is there for, again and again until it succeeds: a bucket that is away comes back, and
 * permissions that lack are given, without anybody having to start something. What keeps it is told to the API, where the
 * operator finds it. Resolves also when the job is gone or cancelled; rejects when the signal fires, and with the failure
 * after the last try.
 */
export async function persevere(
  attempt: () => Promise<void>,
  {
    api,
    logger,
    signal,
    clock = () => new Date(),
    backoffMs = { first: 1_000, last: 300_000 },
    mostTries = () => Number.POSITIVE_INFINITY,
  }: PersevereOptions,
): Promise<void> {
  for (let wait = backoffMs.first, tries = 1; ; wait = Math.min(wait * 2, backoffMs.last), tries += 1) {
    try {
      return await attempt()
    } catch (caught) {
      signal.throwIfAborted()
      const error = toKompressorError(caught)
      if (unwanted.has(error.code)) return logger.info({ code: error.code }, 'nobody wants this job any more')
      const isLast = tries >= mostTries(error)
      if (!isLast) logger.warn({ error, retryInMs: wait }, `${error.message}; trying again`)
      await tell(error)
      if (isLast) throw error
      await delay(wait, undefined, { signal })
    }
  }

  async function tell(error: KompressorError): Promise<void> {
    try {
      await api.tellTrouble({ ...error.toBody(), at: clock().toISOString() })
    } catch (failure) {
      signal.throwIfAborted()
      logger.warn({ error: failure }, 'the API could not be told')
    }
  }
}
