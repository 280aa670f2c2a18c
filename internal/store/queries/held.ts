import { type SQL, sql } from 'drizzle-orm'
import type { JobTrouble } from '../../messages/index.ts'
import { asJson } from '../rows.ts'

/** How long what was refused counts although other things were not, milliseconds: a busy store refuses only some. */
const heldForMs = 20_000

/** What is known of one file or chunk of a job since its worker reported. */
export interface HeldChange {
  before: { jobUid: string }
  /** What a store refused for the moment; null when it refused nothing, absent when nobody asked it. */
  held?: JobTrouble | null
}

/**
 * The statement that writes down what holds the workers of jobs up, or that nothing does any more. Jobs are locked in
 * order, and only those of which there is something new to say. Undefined when nobody was asked anything.
 */
export function heldNoted(changes: readonly HeldChange[], now: Date): SQL | undefined {
  const latest = new Map<string, JobTrouble | null>()
  for (const { before, held } of changes) {
    if (held !== undefined) latest.set(before.jobUid, held ?? latest.get(before.jobUid) ?? null)
  }
  if (latest.size === 0) return undefined
  const rows = [...latest].map(([uid, held]) => ({ uid, held }))
  const passed = new Date(now.getTime() - heldForMs).toISOString()
  return sql`
    update jobs j set held = news.held from (
      select o.uid, n.held from jobs o join json_to_recordset(${asJson(rows)}) as n (uid text, held jsonb) on n.uid = o.uid
      where n.held is not null or (o.held ->> 'at')::timestamptz < ${passed}::timestamptz
      order by o.uid for update of o
    ) as news where j.uid = news.uid`
}
