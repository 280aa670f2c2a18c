import { and, eq, gt, isNotNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { queryRows } from '../rows.ts'
import { webhookDeliveries, webhooks } from '../schema.ts'
import type { Database } from '../store.ts'

export interface Webhook {
  jobUid: string
  url: string
  /** Undefined while there is none: deliveries wait for it. */
  secret: string | undefined
}

/** How it goes with the deliveries of a job. */
export interface WebhookState {
  /** The receiver answered 410: nothing is sent to this address any more. */
  gone: boolean
  /** What the latest call met; undefined when it was taken, or there was none. */
  failure: string | undefined
  /** Ends of batches that are to be told, a thousand at most. */
  waiting: number
}

/**
 * Says who is told of a job's batches from now on, and by which secret. What waits goes to another address, or is signed by
 * another secret, at once; but where the old address was gone, what came for it meanwhile is dropped. A webhook that is as
 * it should be is only read.
 */
export async function upsertWebhook(
  db: Database,
  { jobUid, url, secret }: Webhook,
  now: Date,
): Promise<void> {
  const wanted = { url, host: new URL(url).host, secret: secret ?? null }
  const [found] = await db.select().from(webhooks).where(eq(webhooks.jobUid, jobUid))
  if (found !== undefined && found.url === url && found.secret === wanted.secret) return
  if (found?.gone) await dropWaiting(db, jobUid)
  await db.transaction(async (tx) => {
    const fresh = { ...wanted, gone: false, failure: null }
    await tx
      .insert(webhooks)
      .values({ jobUid, ...fresh })
      .onConflictDoUpdate({ target: webhooks.jobUid, set: fresh })
    await tx
      .update(webhookDeliveries)
      .set({ nextAttemptAt: now })
      .where(and(eq(webhookDeliveries.jobUid, jobUid), gt(webhookDeliveries.nextAttemptAt, now)))
  })
}

/** Nobody is told of the job any more, nor of what has ended before. Repeatable; where there is no webhook it only looks. */
export async function removeWebhook(db: Database, jobUid: string): Promise<void> {
  const [found] = await db.select().from(webhooks).where(eq(webhooks.jobUid, jobUid))
  if (found === undefined) return
  await dropWaiting(db, jobUid)
  await db.delete(webhooks).where(eq(webhooks.jobUid, jobUid))
  // What came in between.
  await dropWaiting(db, jobUid)
}

const pageSize = 5_000

/** Page by page: a receiver may have been away for a day of uploads. */
async function dropWaiting(db: Database, jobUid: string): Promise<void> {
  for (let gone = pageSize; gone === pageSize; ) {
    const rows = await queryRows(
      db,
      z.object({ seq: z.coerce.number() }),
      sql`delete from webhook_deliveries where ctid = any (array(
          select ctid from webhook_deliveries where job_uid = ${jobUid} and next_attempt_at is not null limit ${pageSize}))
        returning seq`,
    )
    gone = rows.length
  }
}

const stateSchema = z.object({
  gone: z.boolean(),
  failure: z.string().nullable(),
  waiting: z.coerce.number(),
})

/** How it goes with a job's deliveries; undefined when nobody is to be told. */
export async function webhookState(db: Database, jobUid: string): Promise<WebhookState | undefined> {
  const [row] = await queryRows(
    db,
    stateSchema,
    sql`select w.gone, w.failure, (select count(*) from (select 1 from webhook_deliveries d
        where d.job_uid = w.job_uid and d.next_attempt_at is not null limit 1000) as first) as waiting
      from webhooks w where w.job_uid = ${jobUid}`,
  )
  return row && { ...row, failure: row.failure ?? undefined }
}

/** Notes how the latest call of a job's webhook went, if it still is that one. */
export async function noteCall(
  tx: Database,
  { jobUid, url, failure, gone }: { jobUid: string; url: string; failure: string | null; gone: boolean },
): Promise<void> {
  const news = failure === null ? isNotNull(webhooks.failure) : undefined
  await tx
    .update(webhooks)
    .set({ failure, gone })
    .where(and(eq(webhooks.jobUid, jobUid), eq(webhooks.url, url), news))
}
