import { and, asc, eq, gte, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { queryRows } from '../rows.ts'
import { activity } from '../schema.ts'
import type { Database } from '../store.ts'
import { addCounts, quantile } from './latency.ts'
import { beginOf, slices } from './record-activity.ts'

/** How far back one can look: seconds of a bucket, how many there are, and what slices they are made of. */
export const activityWindows = {
  '15m': { bucket: 10, count: 90, slice: slices.short },
  '1h': { bucket: 30, count: 120, slice: slices.short },
  '6h': { bucket: 300, count: 72, slice: slices.long },
  '24h': { bucket: 900, count: 96, slice: slices.long },
  '7d': { bucket: 7200, count: 84, slice: slices.long },
} as const

export type ActivityWindow = keyof typeof activityWindows

export interface ActivityTotal {
  completed: number
  failed: number
  retried: number
  bytesIn: number
  bytesOut: number
  /** From queued to ended, milliseconds. Absent when nothing ended. */
  latency?: { p50: number; p95: number }
}

export interface ActivityBucket extends ActivityTotal {
  at: Date
  /** The most tasks that were seen open at once. */
  open: number
}

type Counted = Omit<ActivityTotal, 'latency'> & { latency: number[] }

/** What happened in a window that ends now: its buckets, oldest first, those without anything too, and their sum. */
export async function readActivity(
  db: Database,
  { tenantId, window, now }: { tenantId: string; window: ActivityWindow; now: Date },
): Promise<{ open: number; total: ActivityTotal; buckets: ActivityBucket[] }> {
  const { bucket, count, slice } = activityWindows[window]
  const width = bucket * 1000
  const end = (Math.floor(now.getTime() / width) + 1) * width
  const begin = end - count * width
  const rows = await db
    .select()
    .from(activity)
    .where(
      and(
        eq(activity.tenantId, tenantId),
        eq(activity.step, slice.step),
        gte(activity.at, new Date(begin)),
        lt(activity.at, new Date(end)),
      ),
    )
    .orderBy(asc(activity.at))
  const counted = Array.from({ length: count }, () => ({ ...nothing(), open: 0 }))
  const sum = nothing()
  for (const row of rows) {
    const target = counted[Math.floor((row.at.getTime() - begin) / width)]
    if (target === undefined) continue
    add(target, row)
    add(sum, row)
    target.open = Math.max(target.open, row.open)
  }
  const open = await countOpenTasks(db, tenantId)
  const buckets = counted.map(({ open: most, ...rest }, i) => ({
    at: new Date(begin + i * width),
    open: most,
    ...totalOf(rest),
  }))
  const last = buckets.at(-1)
  if (last !== undefined) last.open = Math.max(last.open, open)
  return { open, total: totalOf(sum), buckets }
}

function nothing(): Counted {
  return { completed: 0, failed: 0, retried: 0, bytesIn: 0, bytesOut: 0, latency: [] }
}

function add(to: Counted, more: Counted): void {
  to.completed += more.completed
  to.failed += more.failed
  to.retried += more.retried
  to.bytesIn += more.bytesIn
  to.bytesOut += more.bytesOut
  to.latency = addCounts(to.latency, more.latency)
}

function totalOf({ latency, ...sums }: Counted): ActivityTotal {
  // The outcome of a chunk may take back what its progress said in an earlier slice.
  const counts = { ...sums, completed: Math.max(0, sums.completed), failed: Math.max(0, sums.failed) }
  const p50 = quantile(latency, 0.5)
  const p95 = quantile(latency, 0.95)
  return p50 === undefined || p95 === undefined ? counts : { ...counts, latency: { p50, p95 } }
}

/** Tasks of each state are counted up to here: looking must not cost more the more there is to do. */
const mostCounted = 200_000

/** Each state through its partial index; asked for together they would take a look at every task there ever was. */
const openTasks = sql`
  (select tenant_id from tasks where state = 'waiting' limit ${mostCounted})
  union all (select tenant_id from tasks where state = 'released' limit ${mostCounted})`

const countSchema = z.object({ count: z.coerce.number() })

async function countOpenTasks(db: Database, tenantId: string): Promise<number> {
  const [row] = await queryRows(
    db,
    countSchema,
    sql`select count(*) as count from (${openTasks}) t where tenant_id = ${tenantId}`,
  )
  return row?.count ?? 0
}

/** Notes how many tasks are open now, for each tenant that has any. */
export async function sampleOpenTasks(db: Database, now: Date): Promise<void> {
  const steps = Object.values(slices).map(
    ({ step }) => sql`(${step}::integer, ${beginOf(now, step)}::timestamptz)`,
  )
  await db.execute(sql`
    insert into activity as a (tenant_id, step, at, open)
    select t.tenant_id, s.step, s.at, count(*)
    from (${openTasks}) t,
      (values ${sql.join(steps, sql`, `)}) as s (step, at)
    group by t.tenant_id, s.step, s.at order by t.tenant_id, s.step
    on conflict (tenant_id, step, at) do update set open = greatest(a.open, excluded.open)`)
}

/** Forgets slices that no window shows any more. */
export async function forgetActivity(db: Database, now: Date): Promise<void> {
  const old = Object.values(slices).map(({ step, keepMs }) =>
    and(eq(activity.step, step), lt(activity.at, new Date(now.getTime() - keepMs))),
  )
  await db.delete(activity).where(or(...old))
}
