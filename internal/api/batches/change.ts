import { batchView, cancelBatch, deleteBatch, retryFiles } from '../../store/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { cancelBatchRoute, deleteBatchRoute, retryBatchRoute } from './routes.ts'

export function changeBatchRoutes(app: ApiApp, { store: { db }, clock }: Services): void {
  app.openapi(
    retryBatchRoute,
    async (c) => {
      const { codes } = c.req.valid('json')
      const place = { tenantId: tenantOf(c.env.incoming), batchId: c.req.valid('param').id }
      const retried = await retryFiles(db, { ...place, ...(codes && { codes }), now: clock() })
      return c.json({ retried }, 202)
    },
    faults(retryBatchRoute),
  )

  app.openapi(
    cancelBatchRoute,
    async (c) => {
      const place = { tenantId: tenantOf(c.env.incoming), batchId: c.req.valid('param').id }
      return c.json(batchView(await cancelBatch(db, { ...place, now: clock() })), 202)
    },
    faults(cancelBatchRoute),
  )

  app.openapi(
    deleteBatchRoute,
    async (c) => {
      await deleteBatch(db, {
        tenantId: tenantOf(c.env.incoming),
        batchId: c.req.valid('param').id,
        now: clock(),
      })
      return c.body(null, 204)
    },
    faults(deleteBatchRoute),
  )
}
