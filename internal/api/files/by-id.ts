import { cancelFile, deleteFile, requireFile, retryFiles } from '../../store/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { renderFile } from './render.ts'
import { cancelFileRoute, deleteFileRoute, getFileRoute, retryFileRoute } from './routes.ts'

/** What can be done with a file that is there. */
export function fileByIdRoutes(app: ApiApp, { store: { db }, clock, publicUrl }: Services): void {
  app.openapi(
    getFileRoute,
    async (c) => {
      const row = await requireFile(db, tenantOf(c.env.incoming), c.req.valid('param').id)
      return c.json(renderFile(row, publicUrl()), 200)
    },
    faults(getFileRoute),
  )

  app.openapi(
    retryFileRoute,
    async (c) => {
      const place = { tenantId: tenantOf(c.env.incoming), fileId: c.req.valid('param').id }
      await retryFiles(db, { ...place, now: clock() })
      return c.json(renderFile(await requireFile(db, place.tenantId, place.fileId), publicUrl()), 202)
    },
    faults(retryFileRoute),
  )

  app.openapi(
    cancelFileRoute,
    async (c) => {
      const place = { tenantId: tenantOf(c.env.incoming), fileId: c.req.valid('param').id }
      return c.json(renderFile(await cancelFile(db, { ...place, now: clock() }), publicUrl()), 202)
    },
    faults(cancelFileRoute),
  )

  app.openapi(
    deleteFileRoute,
    async (c) => {
      const place = { tenantId: tenantOf(c.env.incoming), fileId: c.req.valid('param').id }
      await deleteFile(db, { ...place, now: clock() })
      return c.body(null, 204)
    },
    faults(deleteFileRoute),
  )
}
