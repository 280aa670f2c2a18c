import { eq } from 'drizzle-orm'
import type { CompressionOptions } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { OutputRules, SourceRules } from '../../messages/index.ts'
import { type BatchRow, batches, type JobRow, jobs, plans, type Tags } from '../schema.ts'
import type { Database } from '../store.ts'
import { requireBatch } from './require-batch.ts'

export interface NewFiniteJob {
  uid: string
  tenantId: string
  namespace: string
  name: string
  topic: string
  consumerGroup: string
  partitions: number
  maxAttempts: number
  initialBackoffMs: number
  maxBackoffMs: number
  source: SourceRules
  output: OutputRules
  batch: { id: string; options: CompressionOptions; tags: Tags; expiresAt: Date }
}

/** Makes a job that reads a source once, its batch and its empty plan. Repeatable: one that exists is returned as it is. */
export async function createFiniteJob(
  db: Database,
  job: NewFiniteJob,
): Promise<{ job: JobRow; batch: BatchRow }> {
  return db.transaction(async (tx) => {
    const { batch, ...row } = job
    const { tenantId, uid: jobUid } = job
    await tx
      .insert(jobs)
      .values({ ...row, kind: 'finite' })
      .onConflictDoNothing({ target: jobs.uid })
    const [plan] = await tx.select().from(plans).where(eq(plans.jobUid, jobUid))
    if (plan === undefined) {
      await tx.insert(batches).values({ ...batch, tenantId, jobUid })
      await tx.insert(plans).values({ jobUid, batchId: batch.id })
    }
    const [stored] = await tx.select().from(jobs).where(eq(jobs.uid, jobUid))
    if (stored === undefined) throw new KompressorError('internal', 'the job was not inserted')
    return { job: stored, batch: await requireBatch(tx, tenantId, plan?.batchId ?? batch.id) }
  })
}
