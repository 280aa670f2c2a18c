import { OpenAPIHono } from '@hono/zod-openapi'
import { activityRoutes } from './activity/index.ts'
import { archiveRoutes } from './archive/index.ts'
import { batchRoutes } from './batches/index.ts'
import { contentRoutes } from './content/index.ts'
import { openApiDocument } from './document.ts'
import type { ApiApp, ApiEnv, Services } from './env.ts'
import { eventRoutes, webSocketRoute } from './events/index.ts'
import { failureRoutes } from './failures/index.ts'
import { fileRoutes } from './files/index.ts'
import { healthRoutes } from './health/index.ts'
import { guarded } from './http/guarded.ts'
import { notFound } from './http/not-found.ts'
import { observe } from './http/observe.ts'
import { answerError } from './http/on-error.ts'
import { sameOrigin } from './http/origin.ts'
import { internalRoutes } from './internal/index.ts'
import { jobRoutes } from './jobs/index.ts'
import { landing } from './landing.ts'
import { serveUi, wantsPage } from './ui/index.ts'
import { multipartRoutes, signedObjectRoutes } from './uploads/index.ts'

/** All routes behind all middleware. */
export function createApp(services: Services): ApiApp {
  const app = new OpenAPIHono<ApiEnv>()
  app.use(observe(services), ...guarded, sameOrigin(services))
  app.onError(answerError)
  for (const routes of [
    fileRoutes,
    contentRoutes,
    batchRoutes,
    multipartRoutes,
    archiveRoutes,
    eventRoutes,
    webSocketRoute,
    failureRoutes,
    activityRoutes,
    jobRoutes,
    signedObjectRoutes,
    internalRoutes,
    healthRoutes,
  ]) {
    routes(app, services)
  }
  const document = openApiDocument()
  app.get('/v1/openapi.json', (c) => c.json(document))
  const ui = serveUi(services)
  app.get(
    '/',
    async (c) =>
      (wantsPage(c) && (await ui(c))) || c.text(landing(services.publicUrl()), 200, { vary: 'accept' }),
  )
  const nothing = notFound(app)
  app.notFound(async (c) => (await ui(c)) ?? nothing(c))
  return app
}
