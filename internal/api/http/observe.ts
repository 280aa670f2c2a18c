import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import { extractTraceparent, SpanKind, withSpan } from '../../telemetry/index.ts'
import type { ApiEnv, Services } from '../env.ts'

/** Ids of clients are taken over when they fit in a log line. */
const usableId = /^[\w.-]{1,100}$/

/** Gives a request its id, logger and span, and counts it when its answer has ended. */
export function observe({
  logger,
  metrics,
  tracer,
  ids,
}: Pick<Services, 'logger' | 'metrics' | 'tracer' | 'ids'>) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { method, path } = c.req
    const { outgoing } = c.env
    const given = c.req.header('x-request-id')
    const requestId = given !== undefined && usableId.test(given) ? given : ids()
    const log = logger.child({ requestId })
    c.set('requestId', requestId)
    c.set('log', log)
    const started = performance.now()
    outgoing.once('close', () => {
      const route = routeOf(c)
      // Node presumes 200 for an answer that was never sent, such as that to an upload that was cut.
      const status = outgoing.headersSent ? outgoing.statusCode : 0
      const seconds = (performance.now() - started) / 1000
      const known = methodOf(method)
      metrics.httpRequests.inc({ method: known, route, status: status === 0 ? 'none' : String(status) })
      if (!isStream(c)) metrics.httpRequestSeconds.observe({ method: known, route }, seconds)
      const level = status >= 500 ? 'warn' : status >= 400 ? 'info' : 'debug'
      const cut = outgoing.writableFinished ? {} : { cut: true }
      log[level]({ method, path, route, status, ms: Math.round(seconds * 1000), ...cut }, 'request')
    })
    const { traceparent, tracestate } = c.req.header()
    await withSpan(
      tracer,
      method,
      {
        kind: SpanKind.SERVER,
        parent: extractTraceparent({ traceparent, tracestate }),
        attributes: { 'http.request.method': method, 'url.path': path, 'kompressor.request.id': requestId },
      },
      async (span) => {
        await next()
        const route = routeOf(c)
        span.updateName(`${method} ${route}`)
        span.setAttributes({ 'http.route': route, 'http.response.status_code': c.res.status })
        if (c.res.status >= 500) span.setAttribute('error.type', String(c.res.status))
      },
    )
    c.res.headers.set('x-request-id', requestId)
  })
}

/** The template of the route that answered, such as /v1/files/{id}; the bounded name of an unbounded path. */
function routeOf(c: Context): string {
  const route = matchedRoutes(c).findLast(({ path }) => path !== '/*' && path !== '*')
  return route === undefined ? 'unmatched' : route.path.replace(/:(\w+)/g, '{$1}')
}

function isStream(c: Context): boolean {
  return c.res.headers.get('content-type') === 'text/event-stream'
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

function methodOf(method: string): string {
  return methods.includes(method) ? method : 'other'
}
