import type { BatchRow } from './schema.ts'

/** A batch as people see it: in answers of the API, and in what webhooks are told. */
export function batchView(
  row: Omit<BatchRow, 'options' | 'tenantId' | 'implicit' | 'updatedAt' | 'expiresAt'>,
) {
  const { pending, queued, processing, completed, failed, cancelled } = row
  const total = pending + queued + processing + completed + failed + cancelled
  return {
    id: row.id,
    job: row.jobUid,
    ...(row.name !== null && { name: row.name }),
    state: row.state,
    sealed: row.sealed,
    files: { total, pending, queued, processing, completed, failed, cancelled },
    bytes: { in: row.bytesIn, out: row.bytesOut, saved: row.bytesIn - row.bytesOut },
    tags: row.tags,
    lastEvent: row.lastSeq,
    createdAt: row.createdAt.toISOString(),
    ...(row.completedAt !== null && { completedAt: row.completedAt.toISOString() }),
  }
}

export type BatchView = ReturnType<typeof batchView>
