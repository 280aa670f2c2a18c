import { batchView, listBatches, listFiles, requireBatch } from '../../store/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { renderFile } from '../files/render.ts'
import { faults } from '../http/faults.ts'
import { readPage } from '../http/page.ts'
import { uploadsPage } from '../uploads/page.ts'
import { getBatchRoute, listBatchesRoute, listBatchFilesRoute, listUploadsRoute } from './routes.ts'

export function readBatchRoutes(app: ApiApp, services: Services): void {
  const { publicUrl } = services
  const { db } = services.store
  app.openapi(
    listBatchesRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { limit, cursor, state, search, tag: tags } = c.req.valid('query')
      const filters = {
        ...(state && { state }),
        ...(search !== undefined && { search: search.normalize('NFC') }),
        ...(isAny(tags) && { tags }),
      }
      const page = await readPage({ limit, cursor, scope: ['batches', filters] }, (position) =>
        listBatches(db, { tenantId, ...filters, ...position }),
      )
      return c.json({ ...page, items: page.items.map(batchView) }, 200)
    },
    faults(listBatchesRoute),
  )

  app.openapi(
    getBatchRoute,
    async (c) => {
      const { id } = c.req.valid('param')
      return c.json(batchView(await requireBatch(db, tenantOf(c.env.incoming), id)), 200)
    },
    faults(getBatchRoute),
  )

  app.openapi(
    listBatchFilesRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { id: batchId } = c.req.valid('param')
      const { limit, cursor, state, name, tag: tags } = c.req.valid('query')
      const filters = {
        ...(state && { state }),
        ...(name !== undefined && { name: name.normalize('NFC') }),
        ...(isAny(tags) && { tags }),
      }
      await requireBatch(db, tenantId, batchId)
      const page = await readPage({ limit, cursor, scope: ['files', batchId, filters] }, (position) =>
        listFiles(db, { tenantId, batchId, ...filters, ...position }),
      )
      return c.json({ ...page, items: page.items.map((row) => renderFile(row, publicUrl())) }, 200)
    },
    faults(listBatchFilesRoute),
  )

  app.openapi(
    listUploadsRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { id: batchId } = c.req.valid('param')
      await requireBatch(db, tenantId, batchId)
      const { cursor } = c.req.valid('query')
      return c.json(await uploadsPage(services, { tenantId, batchId, cursor }), 200)
    },
    faults(listUploadsRoute),
  )
}

function isAny(tags: Record<string, string>): boolean {
  return Object.keys(tags).length > 0
}
