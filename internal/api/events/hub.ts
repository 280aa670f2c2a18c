import type { Store } from '../../store/index.ts'

/**
 * One subscription to the database's notifications, handed on to whoever waits for a batch. Listening begins with the
 * first subscriber: an API nobody watches costs nothing.
 */
export class EventHub {
  readonly #store: Pick<Store, 'listen'>
  readonly #watchers = new Map<string, Set<Watcher>>()
  #listening: Promise<() => Promise<void>> | undefined

  constructor(store: Pick<Store, 'listen'>) {
    this.#store = store
  }

  /** From here on nothing that happens in the batch is missed. */
  async watch(batchId: string): Promise<Watcher> {
    await this.#listen()
    const watcher = new Watcher(() => this.#forget(batchId, watcher))
    const watchers = this.#watchers.get(batchId) ?? new Set()
    this.#watchers.set(batchId, watchers.add(watcher))
    return watcher
  }

  async close(): Promise<void> {
    const stop = await this.#listening
    this.#listening = undefined
    await stop?.()
  }

  async #listen(): Promise<void> {
    this.#listening ??= this.#store.listen('events', (payload) => this.#notify(payload))
    try {
      await this.#listening
    } catch (error) {
      this.#listening = undefined
      throw error
    }
  }

  /** An empty payload means any batch. */
  #notify(payload: string): void {
    const ids = payload === '' ? [...this.#watchers.keys()] : payload.split(',')
    for (const id of ids) for (const watcher of this.#watchers.get(id) ?? []) watcher.wake()
  }

  #forget(batchId: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(batchId)
    watchers?.delete(watcher)
    if (watchers?.size === 0) this.#watchers.delete(batchId)
  }
}

/** Somebody's interest in one batch. */
export class Watcher {
  readonly close: () => void
  #changed = false
  #resolve: (() => void) | undefined

  constructor(close: () => void) {
    this.close = close
  }

  wake(): void {
    this.#changed = true
    this.#resolve?.()
  }

  /**
   * Waits until something has happened since the last call that returned true: a change between two calls is not lost.
   * False when `timeoutMs` has passed or the signal fired.
   */
  async changed(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => done(), timeoutMs)
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          resolve()
        }
        this.#resolve = done
        signal.addEventListener('abort', done, { once: true })
      })
      this.#resolve = undefined
    }
    const changed = this.#changed && !signal.aborted
    if (changed) this.#changed = false
    return changed
  }
}
