import type {
  $Command,
  S3Client,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3'
import { type ErrorCode, KompressorError } from '../../errors/index.ts'
import type { Limiter } from '../../limits/index.ts'
import type { Metrics } from '../../telemetry/index.ts'
import { throwIfAborted } from '../content.ts'
import { isThrottle, toStoreError } from './failure.ts'
import type { Gate } from './gate.ts'

export type S3Command<I extends ServiceInputTypes, O extends ServiceOutputTypes> = $Command<
  I,
  O,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>

export interface CallOptions {
  /** What is being done, for the message of an error: `reading "a/b"`. */
  what: string
  signal?: AbortSignal | undefined
}

interface Parts {
  client: S3Client
  gate: Gate
  limiter?: Limiter | undefined
  metrics?: Metrics | undefined
}

/** Calls of one bucket: at the rate it takes, measured, their failures in our words. */
export class Calls {
  readonly #client: S3Client
  readonly #gate: Gate
  readonly #limiter: Limiter | undefined
  readonly #metrics: Metrics | undefined
  #running = 0
  #closed: PromiseWithResolvers<void> | undefined

  constructor({ client, gate, limiter, metrics }: Parts) {
    this.#client = client
    this.#gate = gate
    this.#limiter = limiter
    this.#metrics = metrics
  }

  /** Throws what `toStoreError` makes of a failure, and what an aborted signal stands for. */
  async send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: S3Command<I, O>,
    { what, signal }: CallOptions,
  ): Promise<O> {
    if (this.#closed !== undefined) throw new KompressorError('shutting_down', 'The object store is closed')
    throwIfAborted(signal)
    this.#addGate(command, signal)
    this.#addLimiter(command, signal)
    const operation = command.constructor.name.replace(/Command$/, '')
    const started = performance.now()
    const observe = (outcome: 'ok' | 'failed' | 'throttled' | 'unavailable') =>
      this.#metrics?.objectCallSeconds.observe({ operation, outcome }, (performance.now() - started) / 1000)
    this.#running += 1
    try {
      const answer = await this.#client.send(command, signal && { abortSignal: signal })
      observe('ok')
      return answer
    } catch (error) {
      throwIfAborted(signal)
      const known = toStoreError(error, what)
      observe(outcomeOf(known.code))
      throw known
    } finally {
      this.#leave()
    }
  }

  /** Refuses new calls and waits for those under way. */
  async close(): Promise<void> {
    this.#closed ??= Promise.withResolvers<void>()
    if (this.#running > 0) await this.#closed.promise
  }

  #leave(): void {
    this.#running -= 1
    if (this.#running === 0) this.#closed?.resolve()
  }

  /** Every try of the call goes through the gate, the SDK's own retries too. */
  #addGate<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: S3Command<I, O>,
    signal: AbortSignal | undefined,
  ): void {
    command.middlewareStack.add(
      (next) => async (args) => {
        const pass = await this.#gate.enter(signal)
        try {
          const answer = await next(args)
          pass.succeeded()
          return answer
        } catch (error) {
          if (isThrottle(error)) pass.throttled()
          throw error
        }
      },
      { name: 'kompressorGate', step: 'finalizeRequest', priority: 'low', override: true },
    )
  }

  /** Before it is signed: stores refuse what was signed a quarter of an hour ago. */
  #addLimiter<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: S3Command<I, O>,
    signal: AbortSignal | undefined,
  ): void {
    const limiter = this.#limiter
    if (limiter === undefined) return
    command.middlewareStack.addRelativeTo(
      <A extends { request: unknown }, R>(next: (args: A) => Promise<R>) =>
        async (args: A): Promise<R> => {
          await limiter.request(bodyBytes(args.request), signal)
          return next(args)
        },
      {
        name: 'kompressorLimiter',
        relation: 'before',
        toMiddleware: 'httpSigningMiddleware',
        override: true,
      },
    )
  }
}

/** Bytes that a request sends. */
function bodyBytes(request: unknown): number {
  if (typeof request !== 'object' || request === null || !('headers' in request)) return 0
  const length = Number(Object(request.headers)['content-length'] ?? 0)
  return Number.isFinite(length) ? length : 0
}

function outcomeOf(code: ErrorCode) {
  if (code === 'storage_throttled') return 'throttled'
  return code === 'storage_unavailable' ? 'unavailable' : 'failed'
}
