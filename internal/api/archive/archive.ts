import { createRoute } from '@hono/zod-openapi'
import { makeZip } from 'client-zip'
import { requireBatch } from '../../store/index.ts'
import { attachment } from '../content/disposition.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { problemResponse } from '../http/problem.ts'
import { streamed } from '../http/stream.ts'
import { idParams } from '../http/text.ts'
import { entries } from './entries.ts'

export const getArchiveRoute = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/archive',
  summary: 'Download what became of a batch as one zip',
  description:
    'Streamed as it is read, stored without further compression. Kept and skipped originals are included; files that are not in it are listed in missing.txt.',
  tags: ['Downloads'],
  request: { params: idParams },
  responses: {
    200: {
      description: 'The archive.',
      content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
    },
    ...problemResponse,
  },
})

export function archiveRoutes(app: ApiApp, { store: { db }, objects, clock }: Services): void {
  app.openapi(
    getArchiveRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { id: batchId } = c.req.valid('param')
      await requireBatch(db, tenantId, batchId)
      const headers = {
        'content-type': 'application/zip',
        'content-disposition': attachment(`kompressor-${batchId}.zip`),
        'cache-control': 'no-store',
      }
      if (c.req.method === 'HEAD') return new Response(null, { headers })
      const { signal } = c.req.raw
      const zip = makeZip(entries({ db, objects }, { tenantId, batchId, now: clock(), signal }))
      return new Response(streamed(c, chunksOf(zip)), { headers })
    },
    faults(getArchiveRoute),
  )
}

async function* chunksOf(zip: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* zip
}
