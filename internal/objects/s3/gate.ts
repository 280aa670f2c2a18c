import { throwIfAborted } from '../content.ts'
import { AdaptiveRate, type RatePolicy } from './adaptive-rate.ts'

/** A request that was let through; to be told how it ended. */
export interface Pass {
  succeeded(): void
  throttled(): void
}

/** Lets requests to one bucket through at the rate the bucket takes, first come first served. */
export class Gate {
  readonly #rate: AdaptiveRate
  readonly #now: () => number
  readonly #waiting: { open: () => void }[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param now milliseconds of a clock that never goes back */
  constructor(policy: RatePolicy, now: () => number) {
    this.#now = now
    this.#rate = new AdaptiveRate(policy, now())
  }

  /** Requests a second. */
  get perSecond(): number {
    return this.#rate.perSecond
  }

  /** Resolves when the request may go. Throws what an aborted signal stands for. */
  async enter(signal: AbortSignal | undefined): Promise<Pass> {
    throwIfAborted(signal)
    const waited = await this.#wait(signal)
    throwIfAborted(signal)
    return {
      succeeded: () => this.#rate.succeeded({ waited }, this.#now()),
      throttled: () => this.#rate.throttled(this.#now()),
    }
  }

  /** Whether it had to wait. */
  async #wait(signal: AbortSignal | undefined): Promise<boolean> {
    const now = this.#now()
    if (this.#waiting.length === 0 && this.#rate.delay(now) === 0) {
      this.#rate.take(now)
      return false
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = { open: resolve }
    const leave = () => {
      const index = this.#waiting.indexOf(waiting)
      if (index >= 0) this.#waiting.splice(index, 1)
      resolve()
    }
    signal?.addEventListener('abort', leave, { once: true })
    this.#waiting.push(waiting)
    this.#pump()
    await promise
    signal?.removeEventListener('abort', leave)
    return true
  }

  #pump(): void {
    clearTimeout(this.#timer)
    for (;;) {
      const [next] = this.#waiting
      if (next === undefined) return
      const delay = this.#rate.delay(this.#now())
      if (delay > 0) {
        this.#timer = setTimeout(() => this.#pump(), delay)
        return
      }
      this.#rate.take(this.#now())
      this.#waiting.shift()
      next.open()
    }
  }
}
