import { pause } from '../pause/index.ts'

export interface LoopOptions {
  /** One round. Returns the milliseconds after which another is due even if nobody wakes the loop. */
  round: (signal: AbortSignal) => Promise<number>
  /** Least milliseconds between the starts of two rounds: work that arrives meanwhile shares the next one. */
  minIntervalMs: number
  /** A round threw; the next one comes after `errorDelayMs`. */
  onError: (error: unknown) => void
  errorDelayMs: number
}

export interface Loop {
  /** There is something to do: run a round as soon as `minIntervalMs` permits. */
  wake(): void
  /** Ends the loop after the round that is running. Repeatable. */
  stop(): Promise<void>
}

/** Runs rounds one after another, at once when woken after a pause, until it is stopped. */
export function startLoop({ round, minIntervalMs, onError, errorDelayMs }: LoopOptions): Loop {
  const stopping = new AbortController()
  let woken = new AbortController()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const started = performance.now()
      woken = new AbortController()
      let delay = errorDelayMs
      try {
        delay = await round(stopping.signal)
      } catch (error) {
        onError(error)
      }
      await pause(minIntervalMs - (performance.now() - started), stopping.signal)
      await pause(delay - (performance.now() - started), AbortSignal.any([stopping.signal, woken.signal]))
    }
  }

  const running = run()
  return {
    wake: () => woken.abort(),
    stop: () => {
      stopping.abort()
      return running
    },
  }
}
