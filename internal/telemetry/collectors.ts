import { KompressorError } from '../errors/index.ts'

/** Sets gauges. Should give up when the signal fires: nobody waits any longer. */
export type Collector = (signal: AbortSignal) => void | Promise<void>

/** Prometheus waits 10 s for a scrape by default; one slow collector must not cost it the other metrics. */
const deadlineMs = 5000

/** The collectors of one registry. Scrapes that overlap share one collection. */
export function collectors(onError: (name: string, error: unknown) => void) {
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
