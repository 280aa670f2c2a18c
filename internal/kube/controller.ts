import { defaultQueuePolicy, type QueuePolicy, QueueState } from './queue-state.ts'

/** What a reconcile that went well wants: to be called again after a while, or nothing until something changes. */
export interface Reconciled {
  requeueAfterMs?: number | undefined
}

export interface ControllerOptions {
  /**
   * Brings the world to what the object asks for. Level-triggered: it is told which object, not what happened. Never
   * called twice for one key at a time. A throw means again, later.
   */
  reconcile: (key: string, signal: AbortSignal) => Promise<Reconciled>
  /** Told when a reconcile threw and when the key is tried again. */
  onError: (key: string, error: unknown, retryInMs: number) => void
  /** Told after every reconcile, for metrics. */
  observe?: (outcome: 'success' | 'error', seconds: number) => void
  /** How many keys are worked on at once. Default 4. */
  workers?: number
  policy?: QueuePolicy
  /** Milliseconds that only go forward. */
  now: () => number
  random: () => number
}

export interface Controller {
  /** Asks for a reconcile of the key, after `delayMs` when given. */
  enqueue(key: string, delayMs?: number): void
  depth(): { due: number; running: number }
  /** Starts no further reconciles, tells running ones to end, and waits for them. */
  stop(): Promise<void>
}

/** A work queue and those who work on it. */
export function startController(options: ControllerOptions): Controller {
  const { reconcile, onError, observe, workers = 4, now, random } = options
  const queue = new QueueState(options.policy ?? defaultQueuePolicy, { now: now(), random })
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined

  async function work(key: string): Promise<void> {
    const started = now()
    try {
      const { requeueAfterMs } = await reconcile(key, stopping.signal)
      queue.succeed(key, requeueAfterMs === undefined ? undefined : now() + requeueAfterMs)
      observe?.('success', (now() - started) / 1000)
    } catch (error) {
      const at = queue.fail(key, now())
      if (stopping.signal.aborted) return
      observe?.('error', (now() - started) / 1000)
      onError(key, error, at - now())
    }
  }

  /** Gives due keys to free workers, and sets the alarm for the next one. */
  function pump(): void {
    clearTimeout(timer)
    while (!stopping.signal.aborted && running.size < workers) {
      const key = queue.take(now())
      if (key === undefined) break
      const job = work(key).finally(() => {
        running.delete(job)
        pump()
      })
      running.add(job)
    }
    const next = running.size < workers ? queue.nextAt() : undefined
    if (next !== undefined && !stopping.signal.aborted) {
      // Timers count whole milliseconds in 31 bits.
      timer = setTimeout(pump, Math.min(Math.max(1, Math.ceil(next - now())), 2 ** 31 - 1))
    }
  }

  return {
    enqueue(key, delayMs = 0) {
      queue.add(key, now() + delayMs)
      pump()
    },
    depth: () => queue.depth(now()),
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
