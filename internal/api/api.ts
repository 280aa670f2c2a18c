import type { Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { KompressorError } from '../errors/index.ts'
import { createApp } from './app.ts'
import type { ApiDeps } from './deps.ts'
import type { ApiApp, Services } from './env.ts'
import { EventHub, WebSocketEvents } from './events/index.ts'
import { IdempotencyKeys } from './http/idempotency.ts'
import { toProblem } from './http/problem.ts'
import { AttachedServer } from './server.ts'

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
  const servers: AttachedServer[] = []
  let closed: Promise<void> | undefined

  async function close(graceMs: number): Promise<void> {
    closing.abort(new KompressorError('shutting_down', 'the service is stopping'))
    await Promise.all([sockets.close(), ...servers.map((server) => server.close(graceMs))])
    await services.hub.close()
  }

  return {
    app,
    attachTo(server) {
      const { maxFileBytes } = deps.limits
      servers.push(new AttachedServer(server, { maxFileBytes, listener, closing: closing.signal }))
      server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
    },
    close: ({ graceMs = 5000 } = {}) => (closed ??= close(graceMs)),
  }
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
