import { type Clock, systemClock, TokenQueue } from './queue.ts'

/** What may be asked of stores and servers; without a number as much as they take. */
export interface Limits {
  /** Above 0. */
  requestsPerSecond?: number | undefined
  /** Bytes of objects, read and written together; above 0. */
  bytesPerSecond?: number | undefined
}

/**
 * Holds a process to its limits, over all the stores and servers it uses. Requests and bytes have a queue each; in both
 * first come, first served.
 */
export interface Limiter {
  /** From now on. Whoever waits does so at the new rate. */
  set(limits: Limits): void
  /** Resolves when a request that sends so many bytes may go. Rejects with the signal's reason. */
  request(bytes: number, signal?: AbortSignal): Promise<void>
  /** Resolves when so many bytes more may be read. Rejects with the signal's reason. */
  read(bytes: number, signal?: AbortSignal): Promise<void>
  /** Counts bytes that have come unasked: what is asked for next waits for them. */
  owe(bytes: number): void
  /** Share of the time since the last call, 0 to 1, in which somebody waited. */
  heldBack(): number
}

export function createLimiter(limits: Limits = {}, clock: Clock = systemClock): Limiter {
  const requests = new TokenQueue(clock)
  const bytes = new TokenQueue(clock)
  let askedAt = clock.now()
  let waitedMs = 0
  let waitingSince: number | undefined
  let waiting = 0

  async function counted(queue: TokenQueue, count: number, signal: AbortSignal | undefined): Promise<void> {
    const turn = queue.take(count, signal)
    if (!queue.isHolding) return turn
    if (waiting++ === 0) waitingSince = clock.now()
    try {
      await turn
    } finally {
      if (--waiting === 0) {
        waitedMs += clock.now() - (waitingSince ?? clock.now())
        waitingSince = undefined
      }
    }
  }

  const limiter: Limiter = {
    set({ requestsPerSecond, bytesPerSecond }) {
      requests.setRate(requestsPerSecond)
      bytes.setRate(bytesPerSecond)
    },
    async request(sent, signal) {
      // Bytes first: they are the longer wait, and a request that was let go goes at once.
      await counted(bytes, sent, signal)
      await counted(requests, 1, signal)
    },
    read: (count, signal) => counted(bytes, count, signal),
    owe: (count) => bytes.owe(count),
    heldBack() {
      const now = clock.now()
      const waited = waitedMs + (waitingSince === undefined ? 0 : now - waitingSince)
      const since = now - askedAt
      askedAt = now
      waitedMs = 0
      if (waitingSince !== undefined) waitingSince = now
      return since <= 0 ? 0 : Math.min(1, waited / since)
    },
  }
  limiter.set(limits)
  return limiter
}
