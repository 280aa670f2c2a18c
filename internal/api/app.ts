import { OpenAPIHono } from '@hono/zod-openapi'
import { secureHeaders } from 'hono/secure-headers'
import { archiveRoutes } from './archive/index.ts'
import { batchRoutes } from './batches/index.ts'
import { contentRoutes } from './content/index.ts'
import { openApiDocument } from './document.ts'
import type { ApiApp, ApiEnv, Services } from './env.ts'
import { eventRoutes } from './events/index.ts'
import { failureRoutes } from './failures/index.ts'
import { fileRoutes } from './files/index.ts'
import { healthRoutes, landingRoutes } from './health/index.ts'
import { notFound } from './http/not-found.ts'
import { observe } from './http/observe.ts'
import { answerError } from './http/on-error.ts'
import { sameOrigin } from './http/origin.ts'
import { signedObjectRoutes } from './uploads/index.ts'

/** All routes behind all middleware. */
export function createApp(services: Services): ApiApp {
  const app = new OpenAPIHono<ApiEnv>()
  app.use(observe(services), headers, sameOrigin(services))
  app.onError(answerError)
  for (const routes of [
    landingRoutes,
    fileRoutes,
    contentRoutes,
    batchRoutes,
    archiveRoutes,
    eventRoutes,
    failureRoutes,
    signedObjectRoutes,
    healthRoutes,
  ]) {
    routes(app, services)
  }
  const document = openApiDocument()
  app.get('/v1/openapi.json', (c) => c.json(document))
  app.notFound(notFound(app))
  return app
}

/** Nothing here is a page: whatever a browser is made to open from here can load and run nothing. */
const headers = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
  // Whether this is reached by TLS is for what stands in front to say.
  strictTransportSecurity: false,
})
