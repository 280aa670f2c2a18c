import { and, eq, isNotNull, ne } from 'drizzle-orm'
import { noCounts, settledIn } from '../../messages/index.ts'
import { tasks } from '../schema.ts'
import type { Database } from '../store.ts'
import { type ChunkChange, type ChunkRow, changeChunks } from './change-chunks.ts'
import { lockBatches } from './record-transitions.ts'

/**
 * Cancels up to `limit` open chunks of a batch that is marked cancelled; false when there were none. Their objects
 * count as cancelled, until an outcome that is on its way says what became of some.
 */
export async function cancelChunks(
  db: Database,
  batchId: string,
  limit: number,
  now: Date,
): Promise<boolean> {
  const page = await db
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.batchId, batchId), isNotNull(tasks.objectCount), ne(tasks.state, 'done')))
    .limit(limit)
  if (page.length === 0) return false
  await db.transaction(async (tx) => {
    await lockBatches(tx, [batchId])
    await changeChunks(tx, { ids: page.map((task) => task.id), now }, cancelled)
  })
  return true
}

function cancelled(before: ChunkRow): ChunkChange | undefined {
  if (before.state === 'done') return undefined
  const counted = before.counted ?? noCounts
  const left = before.objectCount - settledIn(counted)
  return {
    before,
    after: { ...before, state: 'done', counted: { ...counted, cancelled: counted.cancelled + left } },
    successors: [],
    tallies: [],
  }
}
