import { createRoute, z } from '@hono/zod-openapi'
import { runChecks } from '../../health/index.ts'
import type { ApiApp, Services } from '../env.ts'

const readySchema = z.object({
  ready: z.boolean(),
  checks: z.record(z.string(), z.string()).describe('`ok`, or what is wrong.'),
})
const tags = ['Health']

export const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process is alive',
  tags,
  responses: { 200: { description: 'It is.', content: { 'text/plain': { schema: z.string() } } } },
})

export const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether the process can do its work',
  tags,
  responses: {
    200: { description: 'It can.', content: { 'application/json': { schema: readySchema } } },
    503: { description: 'Not now.', content: { 'application/json': { schema: readySchema } } },
  },
})

export const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Metrics for Prometheus',
  tags,
  responses: { 200: { description: 'Metrics.', content: { 'text/plain': { schema: z.string() } } } },
})

export const healthContracts = [healthRoute, readyRoute, metricsRoute]

export function healthRoutes(app: ApiApp, { checks, closing, metrics }: Services): void {
  app.openapi(healthRoute, (c) => c.text('ok\n', 200))

  app.openapi(readyRoute, async (c) => {
    if (closing.aborted) return c.json({ ready: false, checks: { process: 'stopping' } }, 503)
    const readiness = await runChecks(checks)
    return c.json(readiness, readiness.ready ? 200 : 503)
  })

  app.openapi(metricsRoute, async (c) => {
    const { contentType, body } = await metrics.scrape()
    return c.text(body, 200, { 'content-type': contentType })
  })
}
