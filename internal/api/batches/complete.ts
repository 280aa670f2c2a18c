import { KompressorError } from '../../errors/index.ts'
import type { ObjectStore } from '../../objects/index.ts'
import {
  type BatchRow,
  batchView,
  type FileRow,
  findFiles,
  queueFiles,
  requireBatch,
  sealBatch,
} from '../../store/index.ts'
import { injectTraceparent, withSpan } from '../../telemetry/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { completeBatchRoute } from './routes.ts'

/** Ids in one statement. */
const pageSize = 1000
/** Objects looked up at the same time. */
const lookups = 16

export function completeBatchRoutes(app: ApiApp, services: Services): void {
  const { store, clock } = services
  app.openapi(
    completeBatchRoute,
    async (c) => {
      const place = { tenantId: tenantOf(c.env.incoming), batchId: c.req.valid('param').id }
      const { files } = c.req.valid('json')
      if (files === undefined)
        return c.json(batchView(await sealBatch(store.db, { ...place, now: clock() })), 202)
      const batch = await requireBatch(store.db, place.tenantId, place.batchId)
      const attributes = { 'kompressor.batch.id': place.batchId, 'kompressor.files': files.length }
      await withSpan(services.tracer, 'accept', { attributes }, () =>
        queueUploaded(services, batch, [...new Set(files)]),
      )
      return c.json(batchView(await requireBatch(store.db, place.tenantId, place.batchId)), 202)
    },
    faults(completeBatchRoute),
  )
}

/** Queues all of these files, or none when one is unknown or not there. Those queued before stay as they are. */
async function queueUploaded(services: Services, batch: BatchRow, ids: readonly string[]): Promise<void> {
  const { store, objects, clock, predictCost } = services
  const { tenantId, id: batchId } = batch
  const rows: FileRow[] = []
  for (const page of pages(ids)) rows.push(...(await findFiles(store.db, { tenantId, batchId, ids: page })))
  const known = new Set(rows.map((row) => row.id))
  refuse(
    'file_not_found',
    'not in this batch',
    ids.filter((id) => !known.has(id)),
  )
  const pending = rows.filter((row) => row.state === 'pending')
  refuse('upload_missing', 'upload before completing', await missingUploads(objects, pending))
  const { traceparent } = injectTraceparent()
  for (const page of pages(pending)) {
    await queueFiles(store.db, {
      tenantId,
      batchId,
      files: page.map((row) => ({ id: row.id, cost: Math.ceil(predictCost(described(row), batch.options)) })),
      now: clock(),
      ...(traceparent !== undefined && { traceparent }),
    })
  }
}

function refuse(code: 'file_not_found' | 'upload_missing', what: string, ids: readonly string[]): void {
  if (ids.length === 0) return
  const more = ids.length > 3 ? ` and ${ids.length - 3} more` : ''
  throw new KompressorError(code, `${what}: ${ids.slice(0, 3).join(', ')}${more}`)
}

async function missingUploads(objects: ObjectStore, files: readonly FileRow[]): Promise<string[]> {
  const missing: string[] = []
  const waiting = files.values()
  const look = async () => {
    for (const file of waiting) if ((await objects.head(file.uploadKey)) === undefined) missing.push(file.id)
  }
  await Promise.all(Array.from({ length: lookups }, look))
  return missing
}

function described({ name, size, type }: FileRow) {
  return { name, ...(size !== null && { size }), ...(type !== null && { type }) }
}

function* pages<T>(items: readonly T[]): Generator<T[]> {
  for (let from = 0; from < items.length; from += pageSize) yield items.slice(from, from + pageSize)
}
