import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { KompressorError } from '../../errors/index.ts'
import type { Limiter } from '../../limits/index.ts'

export interface ResumingOptions {
  /** The body that is open. */
  first: Readable
  /** Bytes that must come. */
  length: number
  /** Opens the rest of the same object, from this many bytes on. */
  reopen: (received: number) => Promise<Readable>
  /** How often it may break off without a byte in between. */
  maxResumes: number
  /** Silence of this many milliseconds, while somebody waits, counts as broken off. */
  idleMs: number
  /** Milliseconds to wait before the n-th try without a byte in between (1, 2, …). */
  backoffMs: (failures: number) => number
  /** What comes is given on no faster than it allows. */
  limiter?: Pick<Limiter, 'read'> | undefined
}

/** One for all: to make an error, with its stack, for each body costs more than to hand its bytes on. */
const closed = new Error('the body was closed')

/**
 * A body that goes on where it broke off. The connection of an object of gigabytes seldom lives as long as its transfer;
 * beginning again would double the cost, and never end on a bad day. Fails with storage_unavailable, or with what
 * reopening fails with.
 */
export class ResumingBody extends Readable {
  readonly #options: ResumingOptions
  readonly #ended = new AbortController()
  #current: Readable
  #chunks: AsyncIterator<Uint8Array>
  #received = 0
  #failures = 0

  constructor(options: ResumingOptions) {
    super()
    this.#options = options
    this.#current = quiet(options.first)
    this.#chunks = this.#current[Symbol.asyncIterator]()
  }

  override _read(): void {
    this.#next().then(
      (chunk) => this.push(chunk),
      (error) => this.destroy(error),
    )
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#ended.abort(closed)
    this.#current.destroy()
    done(error)
  }

  /** Null at the end. */
  async #next(): Promise<Uint8Array | null> {
    const { length, maxResumes, backoffMs, limiter } = this.#options
    for (;;) {
      const { chunk, fault } = await this.#step()
      if (this.destroyed) return null
      if (chunk !== undefined) {
        this.#received += chunk.length
        this.#failures = 0
        if (this.#received <= length) {
          await limiter?.read(chunk.length, this.#ended.signal)
          return chunk
        }
      }
      if (this.#received === length) return null
      this.#failures += 1
      if (this.#received > length || this.#failures > maxResumes) throw this.#brokenOff(fault)
      await this.#reopen(backoffMs(this.#failures))
    }
  }

  /** The next chunk; neither chunk nor fault when the body ended, too early perhaps. */
  async #step(): Promise<{ chunk?: Uint8Array; fault?: unknown }> {
    const { idleMs } = this.#options
    const current = this.#current
    const timer = setTimeout(() => current.destroy(new Error(`no byte came for ${idleMs} ms`)), idleMs)
    try {
      const step = await this.#chunks.next()
      return step.done === true ? {} : { chunk: step.value }
    } catch (fault) {
      return { fault }
    } finally {
      clearTimeout(timer)
    }
  }

  async #reopen(delayMs: number): Promise<void> {
    this.#current.destroy()
    await sleep(delayMs, undefined, { signal: this.#ended.signal }).catch(() => undefined)
    if (this.destroyed) return
    this.#current = quiet(await this.#options.reopen(this.#received))
    if (this.destroyed) this.#current.destroy()
    this.#chunks = this.#current[Symbol.asyncIterator]()
  }

  #brokenOff(cause: unknown): KompressorError {
    const { length } = this.#options
    const message = `The store sent ${this.#received} of ${length} bytes and no more, however often it was asked`
    return new KompressorError('storage_unavailable', message, { cause })
  }
}

/** Its errors reach whoever reads it; while nobody does they must not end the process. */
function quiet(body: Readable): Readable {
  return body.on('error', () => undefined)
}
