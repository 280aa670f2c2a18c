import { eq, sql } from 'drizzle-orm'
import { KompressorError } from '../../errors/index.ts'
import type { PlanPage, PlanState } from '../../messages/index.ts'
import { batches, jobs, type PlanRow, plans } from '../schema.ts'
import type { Database } from '../store.ts'
import { insertChunks } from './change-chunks.ts'
import { derivedId } from './derived-id.ts'
import { lockBatches, recordTransitions, type Transition } from './record-transitions.ts'
import { addTallies, costFactors } from './tallies.ts'

/** How far the planning of a job is. Throws job_not_found. */
export async function readPlan(db: Database, jobUid: string): Promise<PlanState> {
  const [plan] = await db.select().from(plans).where(eq(plans.jobUid, jobUid))
  if (plan === undefined) throw noPlan(jobUid)
  return stateOf(db, plan)
}

/**
 * Adds a page of the listing: its chunks, what it counts, and where to go on, in one transaction. A page that was added
 * before changes nothing, so that a planner that died may begin again where `readPlan` says. Throws job_not_found,
 * page_out_of_order, cancelled (the batch was).
 */
export async function addPage(db: Database, jobUid: string, page: PlanPage, now: Date): Promise<PlanState> {
  return db.transaction(async (tx) => {
    const [plan] = await tx.select().from(plans).where(eq(plans.jobUid, jobUid)).for('update')
    const [job] = await tx.select().from(jobs).where(eq(jobs.uid, jobUid))
    if (plan === undefined || job === undefined || job.state === 'deleting') throw noPlan(jobUid)
    if (page.page < plan.nextPage) return stateOf(tx, plan)
    if (page.page > plan.nextPage || plan.complete) {
      throw new KompressorError(
        'page_out_of_order',
        `job ${jobUid} needs page ${plan.nextPage} next, not ${page.page}; read its plan and go on from there`,
      )
    }
    const { batchId } = plan
    await lockBatches(tx, [batchId])
    const [batch] = await tx.select().from(batches).where(eq(batches.id, batchId))
    if (batch === undefined) throw noPlan(jobUid)
    if (batch.state === 'cancelled') throw new KompressorError('cancelled', `job ${jobUid} was cancelled`)
    const owner = { tenantId: batch.tenantId, jobUid, batchId, priority: 0, traceparent: null }
    await insertChunks(
      tx,
      owner,
      page.chunks.map((chunk, index) => ({
        ...chunk,
        id: derivedId(jobUid, `${page.page}/${index}`),
        attempt: 1,
        failures: 0,
        publishAt: now,
      })),
      now,
    )
    await addTallies(
      tx,
      settledTallies(page).map((tally) => ({ ...tally, batchId, jobUid })),
    )
    if (page.next === undefined) await tx.update(batches).set({ sealed: true }).where(eq(batches.id, batchId))
    await recordTransitions(tx, transitionsOf(page, batchId), now)
    if (page.chunks.length > 0) await tx.execute(sql`select pg_notify('tasks', '')`)
    if (job.trouble !== null) await tx.update(jobs).set({ trouble: null }).where(eq(jobs.uid, jobUid))
    const found = totalOf(page)
    const [after] = await tx
      .update(plans)
      .set({
        nextPage: page.page + 1,
        token: page.next ?? null,
        complete: page.next === undefined,
        foundFiles: plan.foundFiles + found.files,
        foundBytes: plan.foundBytes + found.bytes,
        leftOut: plan.leftOut + page.leftOut,
        updatedAt: now,
      })
      .where(eq(plans.jobUid, jobUid))
      .returning()
    return stateOf(tx, after ?? plan)
  })
}

function noPlan(jobUid: string): KompressorError {
  return new KompressorError('job_not_found', `there is no job ${jobUid} to plan`)
}

async function stateOf(db: Database, plan: PlanRow): Promise<PlanState> {
  const { nextPage, token, complete, foundFiles, foundBytes, leftOut } = plan
  return {
    nextPage,
    ...(token !== null && { token }),
    complete,
    foundFiles,
    foundBytes,
    leftOut,
    costFactors: await costFactors(db, plan.batchId),
  }
}

function totalOf({ chunks, settled, failed = [] }: PlanPage): { files: number; bytes: number } {
  const objects = chunks.flatMap((chunk) => chunk.objects)
  return {
    files:
      objects.length +
      settled.reduce((sum, s) => sum + s.files, 0) +
      failed.reduce((sum, f) => sum + f.count, 0),
    bytes: objects.reduce((sum, o) => sum + o.size, 0) + settled.reduce((sum, s) => sum + s.bytesIn, 0),
  }
}

function transitionsOf({ chunks, settled, failed = [] }: PlanPage, batchId: string): Transition[] {
  const move = { batchId, fileId: null, from: null }
  const queued = chunks.reduce((sum, chunk) => sum + chunk.objects.length, 0)
  return [
    { ...move, to: 'queued', count: queued },
    ...settled.map(({ files, bytesIn, bytesOut }) => ({
      ...move,
      to: 'completed' as const,
      count: files,
      bytesIn,
      bytesOut,
    })),
    ...failed.map(({ count }) => ({ ...move, to: 'failed' as const, count })),
  ]
}

function settledTallies({ settled, failed = [] }: PlanPage) {
  const failures = failed.map(({ code, count, example }) => ({
    kind: 'failure' as const,
    name: code,
    files: count,
    example,
  }))
  const outcomes = settled.flatMap(({ outcome, reason, files, bytesIn, bytesOut }) => [
    { kind: 'outcome' as const, name: outcome, files },
    { kind: 'reason' as const, name: reason, files, bytesIn, bytesOut },
  ])
  return [...outcomes, ...failures]
}
