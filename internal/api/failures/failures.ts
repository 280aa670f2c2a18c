import { errorCodes } from '../../errors/index.ts'
import { failuresByCode, listFailures, requireBatch, retryFiles } from '../../store/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { renderFile } from '../files/render.ts'
import { faults } from '../http/faults.ts'
import { readPage } from '../http/page.ts'
import { helpFor } from './help.ts'
import { listFailedFilesRoute, listFailuresRoute, retryFailuresRoute } from './routes.ts'

/** Files shown for each code. */
const samples = 3

export function failureRoutes(app: ApiApp, { store: { db }, clock, publicUrl }: Services): void {
  app.openapi(
    listFailuresRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { batch } = c.req.valid('query')
      if (batch !== undefined) await requireBatch(db, tenantId, batch)
      const causes = await failuresByCode(db, { tenantId, samples, ...(batch && { batchId: batch }) })
      const items = causes.map((cause) => {
        const { title, retryable } = errorCodes[cause.code]
        return { ...cause, title, retryable, help: helpFor(cause.code) }
      })
      return c.json({ items }, 200)
    },
    faults(listFailuresRoute),
  )

  app.openapi(
    listFailedFilesRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { code } = c.req.valid('param')
      const { limit, cursor, batch, name } = c.req.valid('query')
      if (batch !== undefined) await requireBatch(db, tenantId, batch)
      const filters = {
        ...(batch !== undefined && { batchId: batch }),
        ...(name !== undefined && { name: name.normalize('NFC') }),
      }
      const page = await readPage({ limit, cursor, scope: ['failures', code, filters] }, (position) =>
        listFailures(db, { tenantId, code, ...filters, ...position }),
      )
      return c.json({ ...page, items: page.items.map((row) => renderFile(row, publicUrl())) }, 200)
    },
    faults(listFailedFilesRoute),
  )

  app.openapi(
    retryFailuresRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { codes, files } = c.req.valid('json')
      const only = { ...(codes && { codes }), ...(files && { ids: files }) }
      return c.json({ retried: await retryFiles(db, { tenantId, ...only, now: clock() }) }, 202)
    },
    faults(retryFailuresRoute),
  )
}
