import { KompressorError } from '../errors/index.ts'

/** Sets gauges. Should give up when the signal fires: nobody waits any longer. */
export type Collector = (signal: AbortSignal) => void | Promise<void>

/**
 * The collectors of one registry. Scrapes that overlap share one collection. A collector that takes longer than
 * `deadlineMs` is told to give up and not waited for.
 */
export function collectors(deadlineMs: number, onError: (name: string, error: unknown) => void) {
  const registered = new Map<string, Collector>()
  let running: Promise<void> | undefined

  async function runOne(name: string, collector: Collector): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs)
    try {
      await Promise.race([collector(signal), rejectOn(signal)])
    } catch (error) {
      onError(name, error)
    }
  }

  return {
    onCollect(name: string, collector: Collector): () => void {
      if (registered.has(name)) throw new KompressorError('internal', `the collector ${name} exists already`)
      registered.set(name, collector)
      return () => void registered.delete(name)
    },

    collect(): Promise<void> {
      running ??= Promise.all([...registered].map(([name, collector]) => runOne(name, collector))).then(
        () => {
          running = undefined
        },
      )
      return running
    },
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
