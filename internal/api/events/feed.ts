import { KompressorError } from '../../errors/index.ts'
import { pause } from '../../pause/index.ts'
import { type Database, type EventRow, eventsSince, requireBatch } from '../../store/index.ts'
import type { EventHub } from './hub.ts'

export interface FeedRequest {
  tenantId: string
  batchId: string
  /** The last event the client has; 0 for none. */
  after: number
  /** Yields an empty page when nothing has happened for this long, in milliseconds. */
  heartbeatMs: number
  signal: AbortSignal
}

/** Events read at once. */
const pageSize = 500
/** Least milliseconds between looking for news twice: what happens meanwhile goes along. */
const minIntervalMs = 100

/**
 * The events of a batch behind a position, first those that are there, then as they happen: each once, in order, without a
 * gap. The table is the only source; notifications just say when to look again. Ends when the batch is deleted or the
 * signal fires. Throws batch_not_found.
 */
export async function* feed(
  { db, hub }: { db: Database; hub: EventHub },
  { tenantId, batchId, after, heartbeatMs, signal }: FeedRequest,
): AsyncGenerator<EventRow[]> {
  const watcher = await hub.watch(batchId)
  let position = after
  try {
    for (;;) {
      if (signal.aborted) return
      const lookedAt = performance.now()
      const page = await eventsSince(db, { batchId, after: position, limit: pageSize })
      const last = page.at(-1)
      if (last !== undefined) {
        position = last.seq
        yield page
        if (page.length === pageSize) continue
      } else if (!(await isThere(db, tenantId, batchId))) {
        return
      }
      if (!(await watcher.changed(heartbeatMs, signal)) && !signal.aborted) yield []
      await pause(lookedAt + minIntervalMs - performance.now(), signal)
    }
  } finally {
    watcher.close()
  }
}

/** Checks where a client wants to go on. Throws batch_not_found, invalid_request for a position that does not exist yet. */
export async function checkPosition(
  db: Database,
  { tenantId, batchId, after }: { tenantId: string; batchId: string; after: number },
): Promise<void> {
  const { lastSeq } = await requireBatch(db, tenantId, batchId)
  if (after <= lastSeq) return
  throw new KompressorError(
    'invalid_request',
    `batch ${batchId} has had ${lastSeq} events, there is no event ${after}; start again without a position`,
  )
}

async function isThere(db: Database, tenantId: string, batchId: string): Promise<boolean> {
  try {
    await requireBatch(db, tenantId, batchId)
    return true
  } catch (error) {
    if (error instanceof KompressorError && error.code === 'batch_not_found') return false
    throw error
  }
}
