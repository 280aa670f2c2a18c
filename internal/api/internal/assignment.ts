import { z } from 'zod'
import { estimateSummarySchema } from '../../estimate/index.ts'
import { type Assignment, type JobTotals, jobTroubleSchema } from '../../messages/index.ts'
import { noteEstimate, noteReport, noteTrouble, readAssignment, readJobTotals } from '../../store/index.ts'
import type { ApiApp, Services } from '../env.ts'
import { jsonBody } from '../http/json-body.ts'
import { parseBody } from './body.ts'
import { requireJobToken } from './token.ts'

const reportSchema = z.object({ key: z.string().min(1) })

/** What planners and report writers are told of their job, and what they say of themselves. */
export function assignmentRoutes(app: ApiApp, { store, jobTokens }: Services): void {
  if (jobTokens === undefined) return

  app.get('/internal/jobs/:uid', async (c) => {
    const { uid } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    return c.json<Assignment>(await readAssignment(store.db, uid))
  })

  app.get('/internal/jobs/:uid/totals', async (c) => {
    const { uid } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    return c.json<JobTotals>(await readJobTotals(store.db, uid))
  })

  app.put('/internal/jobs/:uid/trouble', jsonBody, async (c) => {
    const { uid } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    await noteTrouble(store.db, uid, parseBody(c, jobTroubleSchema, 'a trouble'))
    return c.body(null, 204)
  })

  app.put('/internal/jobs/:uid/estimate', jsonBody, async (c) => {
    const { uid } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    await noteEstimate(store.db, uid, parseBody(c, estimateSummarySchema, 'an estimate'))
    return c.body(null, 204)
  })

  app.put('/internal/jobs/:uid/report', jsonBody, async (c) => {
    const { uid } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    await noteReport(store.db, uid, parseBody(c, reportSchema, 'the key of a report').key)
    return c.body(null, 204)
  })
}
