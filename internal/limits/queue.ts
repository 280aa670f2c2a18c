import { TokenBucket } from './token-bucket.ts'

/** A clock that never goes back, milliseconds, and a way to wait on it. */
export interface Clock {
  now(): number
  /** @returns takes it back */
  after(ms: number, act: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

/** Who waits for tokens, first come, first served. Without a rate nobody does. */
export class TokenQueue {
  readonly #clock: Clock
  readonly #waiting: { count: number; open: () => void }[] = []
  #bucket: TokenBucket | undefined
  #forget: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param perSecond tokens a second, above 0; undefined: as many as are asked for */
  setRate(perSecond: number | undefined): void {
    const now = this.#clock.now()
    if (perSecond === undefined) this.#bucket = undefined
    else if (this.#bucket === undefined) this.#bucket = new TokenBucket(perSecond, now)
    else this.#bucket.setRate(perSecond, now)
    this.#pump()
  }

  /** Whether somebody waits. */
  get isHolding(): boolean {
    return this.#waiting.length > 0
  }

  /** Resolves when so many may be had. Rejects with the signal's reason, and takes none then. */
  async take(count: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (this.#bucket === undefined || count === 0) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { count, open: resolve }
    const leave = () => {
      const index = this.#waiting.indexOf(waiting)
      if (index < 0) return
      this.#waiting.splice(index, 1)
      reject(signal?.reason)
      this.#pump()
    }
    signal?.addEventListener('abort', leave, { once: true })
    this.#waiting.push(waiting)
    this.#pump()
    await promise.finally(() => signal?.removeEventListener('abort', leave))
  }

  /** Counts what nobody asked for beforehand: whoever comes next pays for it. */
  owe(count: number): void {
    this.#bucket?.take(count, this.#clock.now())
  }

  #pump(): void {
    this.#forget?.()
    this.#forget = undefined
    for (;;) {
      const [next] = this.#waiting
      if (next === undefined) return
      const delay = this.#bucket?.delay(next.count, this.#clock.now()) ?? 0
      if (delay > 0) {
        this.#forget = this.#clock.after(delay, () => this.#pump())
        return
      }
      this.#bucket?.take(next.count, this.#clock.now())
      this.#waiting.shift()
      next.open()
    }
  }
}
