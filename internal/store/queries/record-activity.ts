import { type SQL, sql } from 'drizzle-orm'
import { asJson } from '../rows.ts'
import type { Database } from '../store.ts'
import { latencyBin, latencyBounds } from './latency.ts'

/** What a change of files means for the charts. */
export type Outcome =
  | { tenantId: string; kind: 'none' }
  | { tenantId: string; kind: 'retried' }
  | {
      tenantId: string
      kind: 'completed' | 'failed'
      /** Files; default 1. */
      count?: number
      bytes: { in: number; out: number }
      /** From its being queued to its end, milliseconds; absent when it never was. */
      ms?: number
    }

/** Seconds of a slice, and how long slices are kept, in milliseconds. */
export const slices = {
  short: { step: 10, keepMs: 2 * 3_600_000 },
  long: { step: 300, keepMs: 8 * 86_400_000 },
} as const

interface Slice {
  tenant_id: string
  completed: number
  failed: number
  retried: number
  bytes_in: number
  bytes_out: number
  latency: number[]
}

/** Adds outcomes to the slices of now, in the transaction that makes them so. */
export async function recordActivity(tx: Database, outcomes: readonly Outcome[], now: Date): Promise<void> {
  if (outcomes.every(({ kind }) => kind === 'none')) return
  await tx.execute(sql`with ${activityAdded(outcomes, now)} select`)
}

/** The same as a common table expression, for a statement that writes what the outcomes are of. */
export function activityAdded(outcomes: readonly Outcome[], now: Date): SQL {
  const rows = slicesOf(outcomes).flatMap((slice) =>
    Object.values(slices).map(({ step }) => ({ ...slice, step, at: beginOf(now, step) })),
  )
  // In one order everywhere, so that two that write the same slices do not wait for each other.
  return sql`
    activity_added as (
      insert into activity as a (tenant_id, step, at, completed, failed, retried, bytes_in, bytes_out, latency)
      select tenant_id, step, at, completed, failed, retried, bytes_in, bytes_out, latency
      from json_to_recordset(${asJson(rows)}) as r (
        tenant_id text, step integer, at timestamptz, completed integer, failed integer, retried integer,
        bytes_in bigint, bytes_out bigint, latency integer[])
      order by tenant_id, step
      on conflict (tenant_id, step, at) do update set
        completed = a.completed + excluded.completed, failed = a.failed + excluded.failed,
        retried = a.retried + excluded.retried,
        bytes_in = a.bytes_in + excluded.bytes_in, bytes_out = a.bytes_out + excluded.bytes_out,
        latency = (
          select array_agg(coalesce(before, 0) + coalesce(more, 0) order by bin)
          from unnest(a.latency, excluded.latency) with ordinality as u (before, more, bin))
    )`
}

function slicesOf(outcomes: readonly Outcome[]): Slice[] {
  const byTenant = new Map<string, Slice>()
  for (const outcome of outcomes) {
    if (outcome.kind === 'none') continue
    const slice = byTenant.get(outcome.tenantId) ?? emptySlice(outcome.tenantId)
    byTenant.set(outcome.tenantId, slice)
    if (outcome.kind === 'retried') {
      slice.retried += 1
      continue
    }
    slice[outcome.kind] += outcome.count ?? 1
    slice.bytes_in += outcome.bytes.in
    slice.bytes_out += outcome.bytes.out
    if (outcome.ms === undefined) continue
    const bin = latencyBin(outcome.ms)
    slice.latency[bin] = (slice.latency[bin] ?? 0) + 1
  }
  return [...byTenant.values()]
}

/** When the slice this moment is in began, ISO 8601. */
export function beginOf(now: Date, step: number): string {
  const ms = step * 1000
  return new Date(Math.floor(now.getTime() / ms) * ms).toISOString()
}

function emptySlice(tenantId: string): Slice {
  return {
    tenant_id: tenantId,
    completed: 0,
    failed: 0,
    retried: 0,
    bytes_in: 0,
    bytes_out: 0,
    latency: new Array<number>(latencyBounds.length + 1).fill(0),
  }
}
