import { type BackoffPolicy, backoffMs } from './backoff.ts'
import { TokenBucket } from './token-bucket.ts'

export interface QueuePolicy {
  /** Of one key that fails again and again. */
  backoff: BackoffPolicy
  /** Of all retries together, so that a cluster-wide fault does not become a storm. */
  retries: { perSecond: number; burst: number }
}

export const defaultQueuePolicy: QueuePolicy = {
  backoff: { baseMs: 500, maxMs: 300_000 },
  retries: { perSecond: 10, burst: 100 },
}

/**
 * Which keys have to be looked at, and when. A key is in it once, however often it was added; while somebody works on it
 * nobody else gets it, and an addition meanwhile makes it due again afterwards.
 *
 *     absent ──add──▶ due at a time ──take──▶ running ──finish──▶ absent
 *                          ▲                     │
 *                          └──── added meanwhile or retried ─────┘
 *
 * Times are milliseconds of the caller's clock, handed in, so that all of this is a function of its calls.
 */
export class QueueState {
  readonly #policy: QueuePolicy
  readonly #random: () => number
  readonly #bucket: TokenBucket
  /** When each waiting key is due; in the order of addition. */
  readonly #due = new Map<string, number>()
  readonly #running = new Set<string>()
  /** Running keys that were added meanwhile. */
  readonly #again = new Map<string, number>()
  readonly #failures = new Map<string, number>()

  constructor(policy: QueuePolicy, { now, random }: { now: number; random: () => number }) {
    this.#policy = policy
    this.#random = random
    this.#bucket = new TokenBucket({ ...policy.retries, now })
  }

  /** Makes a key due, no later than it is already. */
  add(key: string, at: number): void {
    const into = this.#running.has(key) ? this.#again : this.#due
    into.set(key, Math.min(at, into.get(key) ?? at))
  }

  /** The key that has been due longest; it is running until `finish`. */
  take(now: number): string | undefined {
    let first: { key: string; at: number } | undefined
    for (const [key, at] of this.#due) {
      if (at <= now && (first === undefined || at < first.at)) first = { key, at }
    }
    if (first === undefined) return undefined
    this.#due.delete(first.key)
    this.#running.add(first.key)
    return first.key
  }

  /** Work on a key has ended well: its failures are forgotten. */
  succeed(key: string, next?: number): void {
    this.#failures.delete(key)
    if (next !== undefined) this.add(key, next)
    this.#finish(key)
  }

  /** Work on a key has failed: it is due again after its back-off. Returns when. */
  fail(key: string, now: number): number {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const wait = backoffMs(failures, this.#policy.backoff, this.#random)
    const at = now + Math.max(wait, this.#bucket.reserve(now))
    this.add(key, at)
    this.#finish(key)
    return at
  }

  /** When the next key is due; undefined when none is waiting. */
  nextAt(): number | undefined {
    let next: number | undefined
    for (const at of this.#due.values()) if (next === undefined || at < next) next = at
    return next
  }

  /** Keys due by now, and keys being worked on. */
  depth(now: number): { due: number; running: number } {
    let due = 0
    for (const at of this.#due.values()) if (at <= now) due += 1
    return { due, running: this.#running.size }
  }

  #finish(key: string): void {
    this.#running.delete(key)
    const at = this.#again.get(key)
    this.#again.delete(key)
    if (at !== undefined) this.add(key, at)
  }
}
