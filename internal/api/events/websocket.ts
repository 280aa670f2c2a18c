import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { z } from '@hono/zod-openapi'
import { type WebSocket, WebSocketServer } from 'ws'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { problemOf } from '../http/on-error.ts'
import { foreignOrigin, isOwnOrigin } from '../http/origin.ts'
import { toProblem } from '../http/problem.ts'
import { idSchema } from '../http/text.ts'
import { checkPosition, feed } from './feed.ts'
import { renderEvent } from './schema.ts'

const webSocketPath = '/ws'

/** Says what the address is for to those who do not ask for a WebSocket; those who do never come here. */
export function webSocketRoute(app: ApiApp): void {
  app.get(webSocketPath, (c) => {
    const error = new KompressorError(
      'upgrade_required',
      'events come over a WebSocket here; open one, or read /v1/batches/{id}/events',
    )
    return problemOf(c, error, { upgrade: 'websocket', connection: 'upgrade' })
  })
}

/** A client that does not answer two pings in a row is gone. */
const pingMs = 30_000
/** Batches one socket may follow. */
const mostSubscriptions = 100
/** Bytes of one command. */
const maxPayload = 4096

const commandSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    batch: idSchema,
    after: z.int().nonnegative().default(0),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), batch: idSchema }),
])

/**
 * Events of several batches over one socket. The client sends `{"type":"subscribe","batch":ID,"after":SEQ}` and
 * `{"type":"unsubscribe","batch":ID}`; it receives `{"type":"subscribed",…}`, the same events as over SSE, and
 * `{"type":"problem","batch"?,"problem":…}`. A batch that is deleted ends with `{"type":"unsubscribed",…}`.
 */
export class WebSocketEvents {
  readonly #services: Services
  readonly #server = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false })
  readonly #clients = new Set<Promise<void>>()

  constructor(services: Services) {
    this.#services = services
  }

  /** Takes over a connection that asks to be upgraded, or answers why not. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request)
    if (refusal !== undefined) {
      refuse(socket, refusal, this.#services.ids())
      return
    }
    this.#server.handleUpgrade(request, socket, head, (client) => {
      const serving = this.#serve(client, tenantOf(request)).finally(() => this.#clients.delete(serving))
      this.#clients.add(serving)
    })
  }

  /** Waits until every client is gone. They go by `closing`. */
  async close(): Promise<void> {
    await Promise.all(this.#clients)
    this.#server.close()
  }

  #refusal(request: IncomingMessage): KompressorError | undefined {
    const { closing, publicUrl } = this.#services
    const path = URL.parse(request.url ?? '', 'http://localhost')?.pathname
    if (path !== webSocketPath) return new KompressorError('not_found', `WebSockets are at ${webSocketPath}`)
    if (!isOwnOrigin(request.headers, publicUrl())) return foreignOrigin(request.headers.origin)
    return closing.aborted ? new KompressorError('shutting_down', 'the service is stopping') : undefined
  }

  async #serve(client: WebSocket, tenantId: string): Promise<void> {
    const { metrics, logger, closing } = this.#services
    const log = logger.child({ requestId: this.#services.ids() })
    const session = new Session({ client, tenantId, services: this.#services, log })
    const stop = () => client.close(1001, 'the service is stopping')
    const pinging = setInterval(() => session.ping(), pingMs)
    closing.addEventListener('abort', stop, { once: true })
    metrics.httpConnections.inc({ kind: 'ws' })
    client.on('error', (error) => log.info({ error }, 'websocket failed'))
    client.on('message', (data) => session.receive(String(data)))
    client.on('pong', () => session.pong())
    await new Promise((resolve) => client.once('close', resolve))
    closing.removeEventListener('abort', stop)
    clearInterval(pinging)
    await session.close()
    metrics.httpConnections.dec({ kind: 'ws' })
  }
}

/** One client and what it follows. */
class Session {
  readonly #client: WebSocket
  readonly #tenantId: string
  readonly #services: Services
  readonly #log: Logger
  readonly #subscriptions = new Map<string, { stop: AbortController; ended: Promise<void> }>()
  #unanswered = 0

  constructor(parts: { client: WebSocket; tenantId: string; services: Services; log: Logger }) {
    this.#client = parts.client
    this.#tenantId = parts.tenantId
    this.#services = parts.services
    this.#log = parts.log
  }

  receive(text: string): void {
    try {
      const command = parseCommand(text)
      if (command.type === 'subscribe') this.#subscribe(command.batch, command.after)
      else this.#subscriptions.get(command.batch)?.stop.abort()
    } catch (error) {
      void this.#complain(error)
    }
  }

  ping(): void {
    this.#unanswered += 1
    if (this.#unanswered > 2) this.#client.terminate()
    else this.#client.ping()
  }

  pong(): void {
    this.#unanswered = 0
  }

  async close(): Promise<void> {
    for (const { stop } of this.#subscriptions.values()) stop.abort()
    await Promise.all([...this.#subscriptions.values()].map(({ ended }) => ended))
  }

  #subscribe(batch: string, after: number): void {
    if (this.#subscriptions.has(batch))
      throw new KompressorError('invalid_request', `${batch} is subscribed already`)
    if (this.#subscriptions.size >= mostSubscriptions) {
      throw new KompressorError('invalid_request', `a socket follows at most ${mostSubscriptions} batches`)
    }
    const stop = new AbortController()
    const ended = this.#follow(batch, after, stop.signal).finally(() => this.#subscriptions.delete(batch))
    this.#subscriptions.set(batch, { stop, ended })
  }

  async #follow(batchId: string, after: number, stop: AbortSignal): Promise<void> {
    const { store, hub, closing, publicUrl } = this.#services
    const signal = AbortSignal.any([stop, closing])
    const place = { tenantId: this.#tenantId, batchId, after }
    try {
      await checkPosition(store.db, place)
      await this.#send({ type: 'subscribed', batch: batchId, after })
      for await (const page of feed({ db: store.db, hub }, { ...place, heartbeatMs: pingMs, signal })) {
        for (const row of page) {
          if (signal.aborted) break
          await this.#send(renderEvent(row, publicUrl()))
        }
      }
      await this.#send({ type: 'unsubscribed', batch: batchId })
    } catch (error) {
      await this.#complain(error, batchId)
    }
  }

  async #complain(error: unknown, batch?: string): Promise<void> {
    const known = toKompressorError(error)
    if (known.status >= 500) this.#log.error({ error }, 'subscription failed')
    const problem = toProblem(known, String(this.#log.bindings().requestId))
    await this.#send({ type: 'problem', ...(batch !== undefined && { batch }), problem })
  }

  /** Resolves when the bytes have left: a slow client slows the reading down. A closed one gets nothing. */
  #send(message: object): Promise<void> {
    if (this.#client.readyState !== this.#client.OPEN) return Promise.resolve()
    return new Promise((resolve) => this.#client.send(JSON.stringify(message), () => resolve()))
  }
}

function parseCommand(text: string): z.infer<typeof commandSchema> {
  const parsed = commandSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new KompressorError('invalid_request', z.prettifyError(parsed.error))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new KompressorError('malformed_json', 'the message is not JSON', { cause: error })
  }
}

function refuse(socket: Duplex, error: KompressorError, requestId: string): void {
  const body = JSON.stringify(toProblem(error, requestId))
  socket.on('error', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${error.status} Refused\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
