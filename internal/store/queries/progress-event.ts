import { desc, eq } from 'drizzle-orm'
import type { NewEvent } from '../events.ts'
import { type BatchRow, events } from '../schema.ts'
import type { Database } from '../store.ts'
import type { Transition } from './record-transitions.ts'

/** Least milliseconds between two events that say how far a batch of chunks is: they are kept, and a job may take days. */
const progressIntervalMs = 5_000

export async function isProgressDue(tx: Database, batchId: string, now: Date): Promise<boolean> {
  const [last] = await tx
    .select({ createdAt: events.createdAt })
    .from(events)
    .where(eq(events.batchId, batchId))
    .orderBy(desc(events.seq))
    .limit(1)
  return last === undefined || now.getTime() - last.createdAt.getTime() >= progressIntervalMs
}

/** The batch's counters as they will be after these moves. The batch is locked, so nothing comes in between. */
export function progressEvent(batch: BatchRow, moves: readonly Transition[]): NewEvent {
  const { pending, queued, processing, completed, failed, cancelled } = batch
  const files = { pending, queued, processing, completed, failed, cancelled }
  const bytes = { in: batch.bytesIn, out: batch.bytesOut }
  for (const { from, to, count = 1, bytesIn = 0, bytesOut = 0 } of moves) {
    if (from !== null) files[from] -= count
    if (to !== null) files[to] += count
    bytes.in += bytesIn
    bytes.out += bytesOut
  }
  const state = batch.state === 'cancelled' ? 'cancelled' : 'running'
  return { type: 'batch.progress', data: { state, progress: { files, bytes } } }
}
