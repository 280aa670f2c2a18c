import { KompressorError } from '../../errors/index.ts'
import { type PlanState, planPageSchema } from '../../messages/index.ts'
import { addPage, readPlan } from '../../store/index.ts'
import type { ApiApp, Services } from '../env.ts'
import { jsonBody } from '../http/json-body.ts'
import { parseBody } from './body.ts'
import { requireJobToken } from './token.ts'

/** Where planners keep how far they are: they have no database. */
export function planRoutes(app: ApiApp, { store, jobTokens, clock }: Services): void {
  if (jobTokens === undefined) return

  app.get('/internal/jobs/:uid/plan', async (c) => {
    const { uid } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    return c.json<PlanState>(await readPlan(store.db, uid))
  })

  app.put('/internal/jobs/:uid/pages/:page', jsonBody, async (c) => {
    const { uid, page } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    const body = parseBody(c, planPageSchema, 'this page of a plan')
    if (String(body.page) !== page) {
      throw new KompressorError('invalid_request', 'the body is not this page of a plan')
    }
    return c.json<PlanState>(await addPage(store.db, uid, body, clock()))
  })
}
