import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type BatchView, batchView } from '../batch-view.ts'
import { asJson, queryRows } from '../rows.ts'
import { batchStates, deliveryTypes, webhookDeliveries } from '../schema.ts'
import type { Database } from '../store.ts'
import { noteCall } from './webhooks.ts'

/** Queues what is to be told of a batch that was cancelled just now; its row is locked. */
export async function queueCancelled(tx: Database, batchId: string, now: Date): Promise<void> {
  const at = sql`${now.toISOString()}::timestamptz`
  await tx.execute(sql`
    insert into webhook_deliveries (batch_id, seq, job_uid, type, batch, next_attempt_at, created_at)
    select b.id, b.last_seq, w.job_uid, 'batch.cancelled', (to_jsonb(b) - 'options')::json, ${at}, ${at}
    from batches b join webhooks w on w.job_uid = b.job_uid where b.id = ${batchId} and not w.gone`)
}

/** A row of `batches` as it was written down when the batch ended. */
const endedBatchSchema = z
  .object({
    id: z.string(),
    job_uid: z.string(),
    name: z.string().nullable(),
    state: z.enum(batchStates),
    sealed: z.boolean(),
    pending: z.number(),
    queued: z.number(),
    processing: z.number(),
    completed: z.number(),
    failed: z.number(),
    cancelled: z.number(),
    bytes_in: z.number(),
    bytes_out: z.number(),
    tags: z.record(z.string(), z.string()),
    last_seq: z.number(),
    created_at: z.coerce.date(),
    completed_at: z.coerce.date().nullable(),
  })
  .transform((row): BatchView => {
    const { job_uid: jobUid, bytes_in: bytesIn, bytes_out: bytesOut, last_seq: lastSeq, ...rest } = row
    const { created_at: createdAt, completed_at: completedAt } = row
    return batchView({ ...rest, jobUid, bytesIn, bytesOut, lastSeq, createdAt, completedAt })
  })

const leasedSchema = z
  .object({
    batch_id: z.string(),
    seq: z.coerce.number(),
    type: z.enum(deliveryTypes),
    batch: endedBatchSchema,
    attempts: z.number(),
    created_at: z.coerce.date(),
    url: z.string(),
    host: z.string(),
    secret: z.string(),
    uid: z.string(),
    namespace: z.string(),
    name: z.string(),
  })
  .transform(({ batch_id: batchId, created_at: endedAt, uid, namespace, name, ...rest }) => ({
    ...rest,
    batchId,
    /** When the batch ended. */
    endedAt,
    job: { uid, namespace, name },
  }))

/** The end of a batch that somebody holds the right to tell until its lease ends. */
export type LeasedDelivery = z.infer<typeof leasedSchema>

export interface DeliveryLease {
  /** Most deliveries to take. */
  limit: number
  /** Most calls to one host, those in hand included. */
  perHost: number
  /** Calls in hand, by host. */
  inHand: ReadonlyMap<string, number>
  now: Date
  leasedUntil: Date
}

/**
 * Leases deliveries that are due, those that wait longest first, in turns over the hosts they go to. Each job is looked at
 * through the index: one with a million of them costs the others nothing. What somebody else holds is passed over.
 */
export async function leaseDeliveries(db: Database, lease: DeliveryLease): Promise<LeasedDelivery[]> {
  const now = sql`${lease.now.toISOString()}::timestamptz`
  const inHand = [...lease.inHand].map(([host, calls]) => ({ host, calls }))
  return queryRows(
    db,
    leasedSchema,
    sql`
      with in_hand as (
        select * from json_to_recordset(${asJson(inHand)}) as h (host text, calls integer)
      ), candidates as (
        select c.batch_id, c.seq, c.next_attempt_at, w.host,
          row_number() over (partition by w.host order by c.next_attempt_at, c.batch_id, c.seq) as turn
        from webhooks w, lateral (
          select batch_id, seq, next_attempt_at from webhook_deliveries d
          where d.job_uid = w.job_uid and d.next_attempt_at <= ${now}
            and (d.leased_until is null or d.leased_until < ${now})
          order by d.next_attempt_at limit ${lease.perHost}
        ) c where w.secret is not null and not w.gone
      ), chosen as (
        select c.batch_id, c.seq from candidates c left join in_hand h on h.host = c.host
        where c.turn + coalesce(h.calls, 0) <= ${lease.perHost}
        order by c.turn, c.next_attempt_at limit ${lease.limit}
      ), taken as (
        select d.batch_id, d.seq from webhook_deliveries d
        where (d.batch_id, d.seq) in (select batch_id, seq from chosen)
          and d.next_attempt_at <= ${now} and (d.leased_until is null or d.leased_until < ${now})
        for update skip locked
      ), leased as (
        update webhook_deliveries d set leased_until = ${lease.leasedUntil.toISOString()}::timestamptz
        from taken t where d.batch_id = t.batch_id and d.seq = t.seq
        returning d.batch_id, d.seq, d.job_uid, d.type, d.batch, d.attempts, d.created_at
      )
      select l.*, w.url, w.host, w.secret, j.uid, j.namespace, j.name
      from leased l join webhooks w on w.job_uid = l.job_uid join jobs j on j.uid = l.job_uid`,
  )
}

/** What became of one attempt. */
export type DeliveryOutcome =
  | { kind: 'delivered' }
  | { kind: 'failed'; error: string; nextAttemptAt: Date }
  | { kind: 'given_up'; error: string }
  /** The receiver wants nothing any more. */
  | { kind: 'gone'; error: string }

/** Writes down what became of an attempt, unless the delivery has ended meanwhile. */
export async function recordAttempt(
  db: Database,
  { batchId, seq, job, url }: Pick<LeasedDelivery, 'batchId' | 'seq' | 'job' | 'url'>,
  outcome: DeliveryOutcome,
  now: Date,
): Promise<void> {
  const delivered = outcome.kind === 'delivered'
  const failure = delivered ? null : outcome.error
  await db.transaction(async (tx) => {
    await tx
      .update(webhookDeliveries)
      .set({
        attempts: sql`${webhookDeliveries.attempts} + 1`,
        nextAttemptAt: outcome.kind === 'failed' ? outcome.nextAttemptAt : null,
        leasedUntil: null,
        lastError: failure,
        deliveredAt: delivered ? now : null,
      })
      .where(and(isOne(batchId, seq), isNotNull(webhookDeliveries.nextAttemptAt)))
    await noteCall(tx, { jobUid: job.uid, url, failure, gone: outcome.kind === 'gone' })
  })
}

/** Lets others send it at once: the attempt was cut off, and says nothing about the receiver. */
export async function releaseDelivery(
  db: Database,
  { batchId, seq }: Pick<LeasedDelivery, 'batchId' | 'seq'>,
): Promise<void> {
  await db.update(webhookDeliveries).set({ leasedUntil: null }).where(isOne(batchId, seq))
}

function isOne(batchId: string, seq: number) {
  return and(eq(webhookDeliveries.batchId, batchId), eq(webhookDeliveries.seq, seq))
}

const waitingSchema = z.object({ count: z.coerce.number(), oldest: z.coerce.date().nullable() })

/** Ends of batches that are to be told and were not yet: how many, and since when the oldest has waited. */
export async function waitingDeliveries(db: Database): Promise<{ count: number; oldest: Date | undefined }> {
  const [row] = await queryRows(
    db,
    waitingSchema,
    sql`select count(*) as count, min(d.created_at) as oldest
      from webhooks w join webhook_deliveries d on d.job_uid = w.job_uid
      where d.next_attempt_at is not null and not w.gone`,
  )
  return { count: row?.count ?? 0, oldest: row?.oldest ?? undefined }
}
