import { and, eq } from 'drizzle-orm'
import { KompressorError } from '../../errors/index.ts'
import { type BatchRow, batches } from '../schema.ts'
import type { Database } from '../store.ts'

/** The tenant's batch. Throws batch_not_found, also for somebody else's. */
export async function requireBatch(db: Database, tenantId: string, batchId: string): Promise<BatchRow> {
  const [batch] = await db
    .select()
    .from(batches)
    .where(and(eq(batches.id, batchId), eq(batches.tenantId, tenantId)))
  if (batch === undefined) throw new KompressorError('batch_not_found', `there is no batch ${batchId}`)
  return batch
}
