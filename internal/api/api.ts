import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { KompressorError } from '../errors/index.ts'
import { createApp } from './app.ts'
import type { ApiDeps } from './deps.ts'
import type { ApiApp, Services } from './env.ts'
import { EventHub, WebSocketEvents } from './events/index.ts'
import { IdempotencyKeys } from './http/idempotency.ts'
import { toProblem } from './http/problem.ts'

export interface Api {
  app: ApiApp
  /** Answers the requests of a server from here on. */
  attachTo(server: Server): void
  /**
   * Ends streams of events, lets running requests finish for up to `graceMs` (default 5,000), then closes servers and
   * connections. Repeatable.
   */
  close(options?: { graceMs?: number }): Promise<void>
}

/** The HTTP API. It starts nothing by itself: attach it to a server. */
export function createApi(deps: ApiDeps): Api {
  const closing = new AbortController()
  const services: Services = {
    ...deps,
    hub: new EventHub(deps.store),
    keys: new IdempotencyKeys({ db: deps.store.db, clock: deps.clock }),
    closing: closing.signal,
  }
  const app = createApp(services)
  const sockets = new WebSocketEvents(services)
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: (error) => refuseRequest(services, error),
  })
  const servers = new Set<Server>()
  let closed: Promise<void> | undefined

  async function close(graceMs: number): Promise<void> {
    closing.abort(new KompressorError('shutting_down', 'the service is stopping'))
    await Promise.all([sockets.close(), ...[...servers].map((server) => closeServer(server, graceMs))])
    await services.hub.close()
  }

  return {
    app,
    attachTo(server) {
      servers.add(server)
      attach(server, deps.limits.maxFileBytes, (incoming, outgoing) => void listener(incoming, outgoing))
      server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
    },
    close: ({ graceMs = 5000 } = {}) => (closed ??= close(graceMs)),
  }
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

function attach(server: Server, maxFileBytes: number, listener: Listener): void {
  // Node would cut every upload that takes longer than five minutes; silent ones are cut where they are read.
  server.requestTimeout = 0
  server.on('request', listener)
  // Clients that ask first are told before they send what would be refused.
  server.on('checkContinue', (incoming, outgoing) => {
    if (Number(incoming.headers['content-length'] ?? 0) <= maxFileBytes) outgoing.writeContinue()
    listener(incoming, outgoing)
  })
}

/** Requests so broken that no route can be found for them: a Host that is none, a target that is no URL. */
function refuseRequest({ ids, logger }: Services, error: unknown): Response {
  const requestId = ids()
  logger.info({ error, requestId }, 'request refused')
  const problem = toProblem(
    new KompressorError('invalid_request', 'the request line or Host header is not valid'),
    requestId,
  )
  return Response.json(problem, {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', 'x-request-id': requestId },
  })
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(late)
}
