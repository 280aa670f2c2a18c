export interface RatePolicy {
  /** Requests a second to begin with. */
  initial: number
  /** It never falls below. */
  min: number
  /** It never rises above. */
  max: number
}

/** Of what was too much, regained in a second of full use. */
const recoveryPerSecond = 0.05
/** Of what the bucket served in the last second, kept when it asks for less. */
const keptOfServed = 0.7
/** Of the rate, kept at least in one reduction: a bucket that served nothing may only just have begun. */
const keptAtLeast = 0.1
/** Stores count by the second: what they refuse within one is one refusal. Milliseconds. */
const reductionIntervalMs = 1000
/** Seconds of requests that may go at once after a rest. */
const burstSeconds = 0.1

/**
 * How many requests a second a bucket takes, found out by using it. S3 spreads a bucket over more machines as its load
 * grows and answers 503 SlowDown while it does, so the rate doubles in each second of full use until the first 503 or 429.
 * Then it falls to somewhat below what was served, and from there grows by a twentieth of what was too much in each second
 * of full use. Only requests that had to wait make it grow: what was never asked for was never proved.
 */
export class AdaptiveRate {
  readonly #policy: RatePolicy
  #perSecond: number
  /** The rate that was answered with "slow down". */
  #tooMuch: number | undefined
  #reducedAt = Number.NEGATIVE_INFINITY
  readonly #served = new RecentCount()
  #tokens: number
  #filledAt: number

  /** @param now milliseconds of a clock that never goes back; the same for all methods */
  constructor(policy: RatePolicy, now: number) {
    this.#policy = policy
    this.#perSecond = policy.initial
    this.#tokens = this.#burst
    this.#filledAt = now
  }

  /** Requests a second. */
  get perSecond(): number {
    return this.#perSecond
  }

  /** Milliseconds until a request may go; 0 when `take` may be called now. */
  delay(now: number): number {
    this.#fill(now)
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000)
  }

  take(now: number): void {
    this.#fill(now)
    this.#tokens -= 1
  }

  /** A request was served. `waited`: the rate held it back. */
  succeeded({ waited }: { waited: boolean }, now: number): void {
    this.#served.add(now)
    if (!waited) return
    const growth =
      this.#tooMuch === undefined
        ? Math.LN2
        : (recoveryPerSecond * this.#tooMuch) / Math.max(1, this.#perSecond)
    this.#perSecond = Math.min(this.#policy.max, this.#perSecond + growth)
  }

  /** A request was answered with "slow down". */
  throttled(now: number): void {
    if (now - this.#reducedAt < reductionIntervalMs) return
    this.#fill(now)
    const rate = this.#perSecond
    const served = Math.min(rate, this.#served.inLastSecond(now))
    this.#tooMuch = rate
    this.#perSecond = Math.max(this.#policy.min, keptAtLeast * rate, keptOfServed * served)
    this.#reducedAt = now
    this.#tokens = Math.min(this.#tokens, 0)
  }

  get #burst(): number {
    return Math.max(1, this.#perSecond * burstSeconds)
  }

  #fill(now: number): void {
    const seconds = Math.max(0, now - this.#filledAt) / 1000
    this.#filledAt = Math.max(now, this.#filledAt)
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#perSecond)
  }
}

/** Counts what happened within the last second, to a tenth of it. */
class RecentCount {
  readonly #slots = new Map<number, number>()

  add(now: number): void {
    const slot = Math.floor(now / 100)
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + 1)
    for (const old of this.#slots.keys()) {
      if (old > slot - 10) break
      this.#slots.delete(old)
    }
  }

  inLastSecond(now: number): number {
    const oldest = Math.floor(now / 100) - 9
    return [...this.#slots].reduce((sum, [slot, count]) => (slot >= oldest ? sum + count : sum), 0)
  }
}
