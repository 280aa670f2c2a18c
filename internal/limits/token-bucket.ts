/** Seconds of the rate that may go at once after a rest. */
const burstSeconds = 0.2

/**
 * Tokens that come at a rate and are taken before something happens. What costs more than the bucket holds is let through
 * when it is full, and is paid back by all that comes after: over any time longer than the burst the rate holds.
 */
export class TokenBucket {
  #perSecond: number
  #tokens: number
  #filledAt: number

  /**
   * @param perSecond tokens a second, above 0
   * @param now milliseconds of a clock that never goes back; the same for all methods
   */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond
    this.#tokens = this.#holds
    this.#filledAt = now
  }

  /** Another rate from now on. Debts stay. */
  setRate(perSecond: number, now: number): void {
    this.#fill(now)
    this.#perSecond = perSecond
    this.#tokens = Math.min(this.#holds, this.#tokens)
  }

  /** Milliseconds until so many tokens may be taken; 0 when they may be now. */
  delay(count: number, now: number): number {
    this.#fill(now)
    const missing = Math.min(count, this.#holds) - this.#tokens
    // Less than a millionth of a token is how floating point counts.
    return missing <= 1e-6 ? 0 : Math.max(1, Math.ceil((missing / this.#perSecond) * 1000))
  }

  take(count: number, now: number): void {
    this.#fill(now)
    this.#tokens -= count
  }

  get #holds(): number {
    return Math.max(1, this.#perSecond * burstSeconds)
  }

  #fill(now: number): void {
    const seconds = Math.max(0, now - this.#filledAt) / 1000
    this.#filledAt = Math.max(now, this.#filledAt)
    this.#tokens = Math.min(this.#holds, this.#tokens + seconds * this.#perSecond)
  }
}
