import { createHash } from 'node:crypto'
import { KompressorError } from '../../errors/index.ts'
import { type Database, findAnswer, type StoredAnswer, storeAnswer } from '../../store/index.ts'

/** What a request came to: enough to give the same answer again. */
export type Answer = Omit<StoredAnswer, 'fingerprint'>

interface KeyOptions {
  db: Database
  clock: () => Date
}

/**
 * Idempotency-Keys. The answer is stored by the transaction that does what it says, so a key never remembers what did not
 * happen, and a crash does not leave a key behind that refuses the client's next attempt. Which keys are in use at this
 * moment only this process needs to know; between processes the database's unique key decides at commit.
 */
export class IdempotencyKeys {
  readonly #db: Database
  readonly #clock: () => Date
  readonly #running = new Set<string>()

  constructor({ db, clock }: KeyOptions) {
    this.#db = db
    this.#clock = clock
  }

  /** Takes the key of a request until `release`. Throws idempotency_in_progress, invalid_request. */
  async claim(tenantId: string, key: string): Promise<Claim> {
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new KompressorError('invalid_request', 'Idempotency-Key: 1 to 255 visible ASCII characters')
    }
    const name = `${tenantId}\n${key}`
    if (this.#running.has(name)) throw inProgress()
    this.#running.add(name)
    const release = () => void this.#running.delete(name)
    try {
      const stored = await findAnswer(this.#db, { tenantId, key })
      return new Claim({ db: this.#db, clock: this.#clock, tenantId, key, stored, release })
    } catch (error) {
      release()
      throw error
    }
  }
}

interface ClaimParts extends KeyOptions {
  tenantId: string
  key: string
  stored: StoredAnswer | undefined
  release: () => void
}

/** One request's hold on its key. */
export class Claim {
  readonly #parts: ClaimParts
  #released = false

  constructor(parts: ClaimParts) {
    this.#parts = parts
  }

  /** Lets the key go. Repeatable: what somebody else holds by then stays held. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.#parts.release()
  }

  /** Whether an earlier request was answered: then nothing may be done but `replay`. */
  get isUsed(): boolean {
    return this.#parts.stored !== undefined
  }

  /** The earlier answer. Throws idempotency_key_reused when that was to another request. */
  replay(fingerprint: string): Answer {
    return replayed(this.#parts.stored, fingerprint)
  }

  /**
   * Runs `act` in a transaction and stores its answer with it. Throws idempotency_in_progress, with nothing done, when
   * another process used the key meanwhile.
   */
  async commit(fingerprint: string, act: (tx: Database) => Promise<Answer>): Promise<Answer> {
    const { db, clock, tenantId, key } = this.#parts
    return db.transaction(async (tx) => {
      const answer = await act(tx)
      await storeAnswer(tx, { tenantId, key, answer: { fingerprint, ...answer }, now: clock() })
      return answer
    })
  }
}

function replayed(stored: StoredAnswer | undefined, fingerprint: string): Answer {
  if (stored === undefined) throw inProgress()
  if (stored.fingerprint !== fingerprint) {
    throw new KompressorError(
      'idempotency_key_reused',
      'this Idempotency-Key belongs to a request with other contents; use a new key',
    )
  }
  const { status, headers, body } = stored
  return { status, headers: { ...headers, 'idempotency-replayed': 'true' }, body }
}

function inProgress(): KompressorError {
  return new KompressorError(
    'idempotency_in_progress',
    'wait for the first request with this Idempotency-Key',
  )
}

/** What tells requests apart. */
export function fingerprintOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

/** An answer on its way to the client. */
export function toResponse({ status, headers, body }: Answer): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
}
