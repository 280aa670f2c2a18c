import { setTimeout } from 'node:timers/promises'
import { KompressorError } from '../../errors/index.ts'

const firstWaitMs = 500
const longestWaitMs = 30_000

/**
 * Does something over and over until it works: what a store's outage must hold up and not undo. Rejects with an error
 * that no waiting would mend, and when the signal fires.
 */
export async function persist<T>(
  work: () => Promise<T>,
  { signal, onFailure }: { signal: AbortSignal; onFailure: (error: KompressorError) => void },
): Promise<T> {
  for (let wait = firstWaitMs; ; wait = Math.min(longestWaitMs, wait * 2)) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !(error instanceof KompressorError) || !error.retryable) throw error
      onFailure(error)
      await setTimeout(wait, undefined, { signal })
    }
  }
}
