import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { CompressionOptions } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import { asJson, queryRows } from '../rows.ts'
import type { FileRow } from '../schema.ts'
import type { Database } from '../store.ts'
import { type NewFile, refusingDuplicates, requireOpenBatch } from './create-batch.ts'

export interface AcceptedFile {
  tenantId: string
  jobUid: string
  file: NewFile
  /** Predicted worker-milliseconds. */
  cost: number
  traceparent?: string
  now: Date
}

const acceptedSchema = z.object({ accepted: z.coerce.number() })

/**
 * Queues one file whose bytes are stored, in a batch that is open. One statement, as uploads come by the thousand:
 * counters, file, task, event and notifications. Throws batch_not_found, batch_sealed, duplicate_name.
 */
export async function acceptFile(
  db: Database,
  accepted: AcceptedFile & { batchId: string },
): Promise<FileRow> {
  const { batchId, tenantId, file, now } = accepted
  const at = sql`${now.toISOString()}::timestamptz`
  const event = queuedEvent(file)
  const rows = await refusingDuplicates(() =>
    queryRows(
      db,
      acceptedSchema,
      sql`
        with batch as (
          update batches set queued = queued + 1, last_seq = last_seq + 1, state = 'running', updated_at = ${at}
          where id = ${batchId} and tenant_id = ${tenantId} and not sealed and state <> 'cancelled'
          returning last_seq
        ), event as (
          insert into events (batch_id, seq, file_id, type, data, created_at)
          select ${batchId}, last_seq, ${file.id}, ${event.type}, ${asJson(event.data)}, ${at} from batch
        ), ${queuedFile(accepted, batchId)}
        select count(*) as accepted, count(pg_notify('tasks', '')), count(pg_notify('events', ${batchId})) from task`,
    ),
  )
  if (rows[0]?.accepted === 1) return queuedRow(accepted, batchId)
  await requireOpenBatch(db, tenantId, batchId)
  throw new KompressorError('batch_sealed', `batch ${batchId} was sealed just now; create a new one`)
}

export interface LoneFile extends AcceptedFile {
  /** Id of the batch of one that is made for it. */
  newBatchId: string
  options: CompressionOptions
  expiresAt: Date
}

/**
 * Queues one file whose bytes are stored, in a batch of its own. One statement, because this is the call whose latency
 * people feel: batch, file, task, event and notification.
 */
export async function acceptLoneFile(db: Database, accepted: LoneFile): Promise<FileRow> {
  const { tenantId, jobUid, newBatchId, options, expiresAt, file, now } = accepted
  const at = sql`${now.toISOString()}::timestamptz`
  const event = queuedEvent(file)
  await db.execute(sql`
    with batch as (
      insert into batches (id, tenant_id, job_uid, state, sealed, implicit, options, queued, last_seq, created_at,
        updated_at, expires_at)
      values (${newBatchId}, ${tenantId}, ${jobUid}, 'running', true, true, ${asJson(options)}, 1, 1, ${at}, ${at},
        ${expiresAt.toISOString()}::timestamptz)
      returning last_seq
    ), event as (
      insert into events (batch_id, seq, file_id, type, data, created_at)
      values (${newBatchId}, 1, ${file.id}, ${event.type}, ${asJson(event.data)}, ${at})
    ), ${queuedFile(accepted, newBatchId)}
    select pg_notify('tasks', '') from task`)
  return queuedRow(accepted, newBatchId)
}

/** The row as it was just written, without reading it again. */
function queuedRow({ tenantId, jobUid, file, now }: AcceptedFile, batchId: string): FileRow {
  return {
    id: file.id,
    tenantId,
    batchId,
    jobUid,
    name: file.name,
    state: 'queued',
    size: file.size ?? null,
    type: file.type ?? null,
    sha256: file.sha256 ?? null,
    tags: file.tags,
    uploadKey: file.uploadKey,
    uploadExpiresAt: null,
    attempt: 1,
    seq: -1,
    failures: 0,
    result: null,
    errorCode: null,
    errorMessage: null,
    history: [],
    queuedAt: now,
    startedAt: null,
    finishedAt: null,
    createdAt: now,
    updatedAt: now,
  }
}

/** Two common table expressions: `file` inserts the row, `task` its task, once for each row of `batch`. */
function queuedFile({ tenantId, jobUid, file, cost, traceparent, now }: AcceptedFile, batchId: string) {
  const at = sql`${now.toISOString()}::timestamptz`
  return sql`
    file as (
      insert into files (id, tenant_id, batch_id, job_uid, state, name, size, type, sha256, tags, upload_key, queued_at,
        created_at, updated_at)
      select ${file.id}, ${tenantId}, ${batchId}, ${jobUid}, 'queued', ${file.name}, ${file.size ?? null}::bigint,
        ${file.type ?? null}, ${file.sha256 ?? null}, ${asJson(file.tags)}, ${file.uploadKey}, ${at}, ${at}, ${at}
      from batch
    ), task as (
      insert into tasks (id, tenant_id, job_uid, batch_id, file_id, cost, publish_at, traceparent, created_at)
      select ${file.id}, ${tenantId}, ${jobUid}, ${batchId}, ${file.id}, ${cost}::integer, ${at},
        ${traceparent ?? null}, ${at}
      from batch
      returning 1
    )`
}

function queuedEvent(file: NewFile) {
  const size = file.size === undefined ? {} : { size: file.size }
  return {
    type: 'file.queued' as const,
    data: { name: file.name, state: 'queued' as const, attempt: 1, ...size },
  }
}
