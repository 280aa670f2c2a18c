import { KompressorError } from '../../errors/index.ts'
import { listJobs, listJobViews, requireJobView, retryFiles } from '../../store/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { readPage } from '../http/page.ts'
import { getJobRoute, listJobsRoute, retryJobRoute } from './routes.ts'
import { renderDecision, renderJob } from './schema.ts'

/** CompressionJobs as the operator published them: this side of the database knows no Kubernetes. */
export function jobRoutes(app: ApiApp, { store: { db }, clock }: Services): void {
  app.openapi(
    listJobsRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { limit, cursor, namespace, search } = c.req.valid('query')
      const filters = {
        ...(namespace !== undefined && { namespace }),
        ...(search !== undefined && { search }),
      }
      const page = await readPage({ limit, cursor, scope: ['jobs', filters] }, async (position) => {
        const rows = await listJobViews(db, { tenantId, ...filters, ...position })
        return rows.map((row) => ({ id: `${row.namespace}/${row.name}`, row }))
      })
      return c.json({ ...page, items: page.items.map(({ row }) => renderJob(row)) }, 200)
    },
    faults(listJobsRoute),
  )

  app.openapi(
    getJobRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { job, decisions } = await requireJobView(db, { tenantId, ...c.req.valid('param') })
      return c.json({ ...renderJob(job), decisions: decisions.map(renderDecision) }, 200)
    },
    faults(getJobRoute),
  )

  app.openapi(
    retryJobRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { codes } = c.req.valid('json')
      const { job } = await requireJobView(db, { tenantId, ...c.req.valid('param') })
      const row = (await listJobs(db)).find(({ uid }) => uid === job.uid)
      if (row?.kind === 'finite') {
        throw new KompressorError(
          'ledger_only',
          `what failed of this job is in its ledger, and another job over the same source does just what is missing: kompressor job retry ${job.name}`,
        )
      }
      const only = { jobUid: job.uid, ...(codes && { codes }) }
      return c.json({ retried: await retryFiles(db, { tenantId, ...only, now: clock() }) }, 202)
    },
    faults(retryJobRoute),
  )
}
