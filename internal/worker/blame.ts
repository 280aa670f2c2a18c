import { setTimeout as delay } from 'node:timers/promises'
import { countsAttempt, type KompressorError, toKompressorError } from '../errors/index.ts'
import type { ObjectStore } from '../objects/index.ts'

/** Nothing has this key, and a store that is there says so. */
const nobody = 'kompressor-is-the-store-there'
/** A store that does not answer this soon is as good as away, milliseconds. */
const patienceMs = 10_000

/**
 * Whether a failure uses up one of the file's attempts. A store that could not be reached is asked for something else
 * first: when it answers, the trouble is with this object and counts; when it does not, it is away for everybody.
 */
export async function countsAgainstFile(
  { code }: KompressorError,
  stores: readonly Pick<ObjectStore, 'head'>[],
): Promise<boolean> {
  if (code !== 'storage_unavailable') return countsAttempt(code)
  return (await Promise.all(stores.map(answers))).every(Boolean)
}

async function answers(store: Pick<ObjectStore, 'head'>): Promise<boolean> {
  const asked = store.head(nobody).then(
    () => true,
    // Refused is answered too.
    (error: unknown) => !toKompressorError(error).retryable,
  )
  const given = new AbortController()
  const silence = delay(patienceMs, false, { signal: given.signal })
  try {
    return await Promise.race([asked, silence])
  } finally {
    given.abort()
    silence.catch(() => undefined)
  }
}
