import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { compressionOptionsSchema } from '../../codec/index.ts'
import { unpackObjects } from '../chunk-objects.ts'
import { asJson, queryRows } from '../rows.ts'
import type { Database } from '../store.ts'

const leasedSchema = z.object({
  id: z.string(),
  attempt: z.number(),
  tenant_id: z.string(),
  batch_id: z.string(),
  cost: z.number(),
  traceparent: z.string().nullable(),
  options: compressionOptionsSchema,
})

/** A task of one file. */
const leasedFileSchema = leasedSchema.extend({
  file_id: z.string(),
  name: z.string(),
  upload_key: z.string(),
  size: z.coerce.number().nullable(),
  sha256: z.string().nullable(),
})

/** A task of many objects. */
const leasedChunkSchema = leasedSchema.extend({
  file_id: z.null(),
  failures: z.number(),
  objects: z.base64().transform((packed) => unpackObjects(Buffer.from(packed, 'base64'))),
})

/** A task somebody holds the right to publish until its lease ends, with all its record needs. */
export type LeasedTask = LeasedFile | LeasedChunk
export type LeasedFile = z.infer<typeof leasedFileSchema>
export type LeasedChunk = z.infer<typeof leasedChunkSchema>

export interface Lease {
  jobUid: string
  /** Most tasks to take. */
  limit: number
  /** Stop when the taken tasks cost this much, worker-milliseconds; one is always taken. */
  costBudget: number
  now: Date
  leasedUntil: Date
}

/**
 * Leases due tasks of a job, taking turns over tenants by cost: within a priority the tenant that has had least of this
 * round comes next. Each tenant is looked at through the index, so a tenant with a million waiting tasks costs the
 * others nothing. Rows another relay holds are passed over.
 */
export async function leaseTasks(db: Database, lease: Lease): Promise<LeasedTask[]> {
  const now = sql`${lease.now.toISOString()}::timestamptz`
  return queryRows(
    db,
    z.union([leasedFileSchema, leasedChunkSchema]),
    sql`
      with recursive tenants (tenant_id) as (
        (select tenant_id from tasks where state = 'waiting' and job_uid = ${lease.jobUid} order by tenant_id limit 1)
        union all
        select (select t.tenant_id from tasks t where t.state = 'waiting' and t.job_uid = ${lease.jobUid}
          and t.tenant_id > tenants.tenant_id order by t.tenant_id limit 1)
        from tenants where tenants.tenant_id is not null
      ), candidates as (
        select c.*, sum(c.cost) over (partition by c.tenant_id order by c.priority desc, c.publish_at, c.id) as turn
        from tenants, lateral (
          select id, tenant_id, cost, priority, publish_at from tasks t
          where t.state = 'waiting' and t.job_uid = ${lease.jobUid} and t.tenant_id = tenants.tenant_id
            and t.publish_at <= ${now} and (t.leased_until is null or t.leased_until < ${now})
          order by priority desc, publish_at, id limit ${lease.limit}
        ) c where tenants.tenant_id is not null
      ), ordered as (
        select id, sum(cost) over (order by priority desc, turn, id) - cost as before
        from candidates order by priority desc, turn, id limit ${lease.limit}
      ), taken as (
        select t.id from tasks t
        where t.id in (select id from ordered where before < ${lease.costBudget})
          and t.state = 'waiting' and (t.leased_until is null or t.leased_until < ${now})
        for update skip locked
      ), leased as (
        update tasks t set leased_until = ${lease.leasedUntil.toISOString()}::timestamptz
        from taken where t.id = taken.id
        returning t.id, t.attempt, t.tenant_id, t.batch_id, t.file_id, t.cost, t.traceparent, t.failures,
          translate(encode(t.objects, 'base64'), chr(10), '') as objects
      )
      select l.*, b.options, f.name, f.upload_key, f.size, f.sha256
      from leased l join batches b on b.id = l.batch_id left join files f on f.id = l.file_id`,
  )
}

/** Marks leased tasks as being in their topic. One that was cancelled or done meanwhile stays so. */
export async function markReleased(
  db: Database,
  released: readonly { id: string; attempt: number; partition: number }[],
  now: Date,
): Promise<void> {
  await db.execute(sql`
    update tasks t set state = 'released', released_at = ${now.toISOString()}::timestamptz, leased_until = null,
      released_partition = r.partition
    from json_to_recordset(${asJson(released)}) as r (id text, attempt integer, partition integer)
    where t.id = r.id and t.attempt = r.attempt and t.state = 'waiting'`)
}

const openSchema = z.object({ partition: z.number(), tasks: z.coerce.number(), cost: z.coerce.number() })

/** Per partition, how many files and objects of a job are released and not done, and their predicted worker-milliseconds. */
export async function openWork(db: Database, jobUid: string) {
  return queryRows(
    db,
    openSchema,
    sql`select released_partition as partition, sum(coalesce(object_count, 1)) as tasks, coalesce(sum(cost), 0) as cost
      from tasks where state = 'released' and job_uid = ${jobUid} group by released_partition`,
  )
}

const dueSchema = z.object({ due: z.coerce.date().nullable() })

/** When the next waiting task of an active job becomes due (or its lease ends); undefined when nothing waits. */
export async function nextDue(db: Database): Promise<Date | undefined> {
  const [row] = await queryRows(
    db,
    dueSchema,
    sql`select min(greatest(t.publish_at, coalesce(t.leased_until, t.publish_at))) as due
      from jobs j join tasks t on t.job_uid = j.uid where j.state = 'active' and t.state = 'waiting'`,
  )
  return row?.due ?? undefined
}

const outboxSchema = z.object({ tasks: z.coerce.number(), oldest: z.coerce.date().nullable() })

/** Tasks that are due and not released: how many, and since when the oldest is. */
export async function outbox(db: Database, now: Date): Promise<{ tasks: number; oldest: Date | undefined }> {
  const [row] = await queryRows(
    db,
    outboxSchema,
    sql`select count(*) as tasks, min(publish_at) as oldest from tasks
      where state = 'waiting' and publish_at <= ${now.toISOString()}::timestamptz`,
  )
  return { tasks: row?.tasks ?? 0, oldest: row?.oldest ?? undefined }
}
