import { TokenBucket } from './token-bucket.ts'

/** Something worth telling the people who look at an object. */
export interface Happening {
  /** Uid of the object it is about. */
  uid: string
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

/** What to do with a happening: a new Event, a higher count on one that exists, or nothing. */
export type Telling =
  | { kind: 'create'; slot: string; message: string }
  | { kind: 'repeat'; slot: string; name: string; count: number; message: string }
  | { kind: 'drop' }

export interface CorrelatorPolicy {
  /** The same happening within this counts up its Event, milliseconds. */
  repeatMs: number
  /** More different messages than this for one reason within repeatMs are told as one. */
  similar: number
  /** Events of one object: at once, and then per second. */
  perObject: { burst: number; perSecond: number }
  /** How many Events are remembered. */
  remembered: number
}

export const defaultCorrelatorPolicy: CorrelatorPolicy = {
  repeatMs: 600_000,
  similar: 10,
  perObject: { burst: 25, perSecond: 1 / 300 },
  remembered: 4096,
}

interface Told {
  /** Of the Event; absent until it is created. */
  name: string | undefined
  count: number
  at: number
}

interface Similar {
  messages: Set<string>
  at: number
}

/**
 * Keeps a flood from becoming a flood of Events: repetitions are counted on one Event, many similar ones are combined,
 * and an object that never falls silent is cut short.
 */
export class EventCorrelator {
  readonly #policy: CorrelatorPolicy
  readonly #told = new Map<string, Told>()
  readonly #similar = new Map<string, Similar>()
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(policy: CorrelatorPolicy = defaultCorrelatorPolicy) {
    this.#policy = policy
  }

  /** @param now milliseconds of any clock that goes forward */
  tell(happening: Happening, now: number): Telling {
    const { uid, type, reason } = happening
    const bucket = this.#buckets.get(uid) ?? new TokenBucket({ ...this.#policy.perObject, now })
    this.#remember(this.#buckets, uid, bucket)
    if (!bucket.tryTake(now)) return { kind: 'drop' }

    const group = [uid, type, reason].join('\n')
    const message = this.#combined(group, happening.message, now)
    const slot = `${group}\n${message.slot}`
    const told = this.#told.get(slot)
    if (told?.name !== undefined && now - told.at <= this.#policy.repeatMs) {
      this.#remember(this.#told, slot, { ...told, count: told.count + 1, at: now })
      return { kind: 'repeat', slot, name: told.name, count: told.count + 1, message: message.text }
    }
    this.#remember(this.#told, slot, { name: undefined, count: 1, at: now })
    return { kind: 'create', slot, message: message.text }
  }

  /** The Event of a slot was created under this name: repetitions may refer to it. */
  created(slot: string, name: string): void {
    const told = this.#told.get(slot)
    if (told !== undefined) told.name = name
  }

  /** The Event of a slot is gone (they live an hour): the next one is new. */
  forget(slot: string): void {
    this.#told.delete(slot)
  }

  #combined(group: string, message: string, now: number): { text: string; slot: string } {
    const before = this.#similar.get(group)
    const similar =
      before !== undefined && now - before.at <= this.#policy.repeatMs
        ? before
        : { messages: new Set<string>(), at: now }
    similar.at = now
    // Enough is known once there are too many of them.
    if (similar.messages.size <= this.#policy.similar) similar.messages.add(message)
    this.#remember(this.#similar, group, similar)
    return similar.messages.size > this.#policy.similar
      ? { text: `(combined from similar events): ${message}`, slot: '(combined)' }
      : { text: message, slot: message }
  }

  /** A map that forgets what was not used for longest. */
  #remember<V>(map: Map<string, V>, key: string, value: V): void {
    map.delete(key)
    map.set(key, value)
    for (const oldest of map.keys()) {
      if (map.size <= this.#policy.remembered) break
      map.delete(oldest)
    }
  }
}
