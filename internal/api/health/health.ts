import { createRoute, z } from '@hono/zod-openapi'
import type { ApiApp, Services } from '../env.ts'

/** A probe waits about this long by default; a check that hangs must not hang it. */
const deadlineMs = 2000

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
    const results = await Promise.all(Object.entries(checks).map(run))
    const ready = results.every(([, result]) => result === 'ok')
    return c.json({ ready, checks: Object.fromEntries(results) }, ready ? 200 : 503)
  })

  app.openapi(metricsRoute, async (c) => {
    const { contentType, body } = await metrics.scrape()
    return c.text(body, 200, { 'content-type': contentType })
  })
}

async function run([name, check]: [string, Services['checks'][string]]): Promise<[string, string]> {
  const signal = AbortSignal.timeout(deadlineMs)
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${deadlineMs} ms`)), {
      once: true,
    })
  })
  try {
    await Promise.race([check(signal), late])
    return [name, 'ok']
  } catch (error) {
    return [name, error instanceof Error ? error.message : String(error)]
  }
}
