interface Waiting {
  bytes: number
  grant: () => void
}

/**
 * Lets files in while their predicted memory fits together. First come, first served: a large file at the head of the
 * queue is not overtaken by small ones, so it waits only for those that run already. A file above the budget is let
 * in when nothing else runs.
 */
export class MemoryGate {
  #budget: () => number
  #waiting: Waiting[] = []
  #running = 0
  #inUse = 0

  /** @param budget bytes that files may use together; asked again whenever somebody enters or leaves */
  constructor(budget: () => number) {
    this.#budget = budget
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Waits for `bytes`; the caller leaves with the same number. Rejects with the signal's reason. */
  async enter(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const entry = Promise.withResolvers<void>()
    const waiting: Waiting = { bytes, grant: entry.resolve }
    const abandon = () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting)
      entry.reject(signal.reason)
      // It may have been the head that the others waited behind.
      this.#admit()
    }
    signal.addEventListener('abort', abandon, { once: true })
    this.#waiting.push(waiting)
    this.#admit()
    await entry.promise.finally(() => signal.removeEventListener('abort', abandon))
  }

  leave(bytes: number): void {
    this.#running--
    this.#inUse -= bytes
    this.#admit()
  }

  #admit(): void {
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      if (this.#running > 0 && this.#inUse + head.bytes > this.#budget()) return
      this.#waiting.shift()
      this.#running++
      this.#inUse += head.bytes
      head.grant()
    }
  }
}
