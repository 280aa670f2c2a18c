import { and, eq, sql } from 'drizzle-orm'
import { asJson } from '../rows.ts'
import { type TallyExample, type TallyRow, tallies } from '../schema.ts'
import type { Database } from '../store.ts'

/** What is added to one tally of a batch. */
export interface TallyDelta {
  kind: TallyRow['kind']
  name: string
  files: number
  bytesIn?: number
  bytesOut?: number
  cpuMs?: number
  predictedMs?: number
  /** Kept when it is the first. */
  example?: TallyExample
}

/**
 * Worker-milliseconds of prediction that a factor starts with as if they had come true: a first file must not turn
 * everything upside down.
 */
const priorMs = 10_000
/** A prediction further off than this is not a matter of calibration. */
const mostOff = 50

/**
 * Adds to the tallies of batches the caller has locked, and keeps the cost factor of their jobs: measured over predicted
 * milliseconds.
 */
export async function addTallies(
  tx: Database,
  deltas: readonly (TallyDelta & { batchId: string; jobUid: string })[],
): Promise<void> {
  if (deltas.length === 0) return
  const sums = new Map<string, Omit<TallyRow, 'example'> & { example: TallyExample | null }>()
  for (const delta of deltas) {
    const {
      batchId,
      kind,
      name,
      files,
      bytesIn = 0,
      bytesOut = 0,
      cpuMs = 0,
      predictedMs = 0,
      example,
    } = delta
    const id = JSON.stringify([batchId, kind, name])
    const sum = sums.get(id) ?? {
      batchId,
      kind,
      name,
      files: 0,
      bytesIn: 0,
      bytesOut: 0,
      cpuMs: 0,
      predictedMs: 0,
      example: null,
    }
    sum.files += files
    sum.bytesIn += bytesIn
    sum.bytesOut += bytesOut
    sum.cpuMs += cpuMs
    sum.predictedMs += predictedMs
    sum.example ??= example ?? null
    sums.set(id, sum)
  }
  await tx.execute(sql`
    insert into tallies as t (batch_id, kind, name, files, bytes_in, bytes_out, cpu_ms, predicted_ms, example)
    select "batchId", kind, name, files, "bytesIn", "bytesOut", "cpuMs", "predictedMs", example
    from json_to_recordset(${asJson([...sums.values()])}) as d ("batchId" text, kind text, name text, files bigint,
      "bytesIn" bigint, "bytesOut" bigint, "cpuMs" double precision, "predictedMs" double precision, example jsonb)
    on conflict (batch_id, kind, name) do update set
      files = t.files + excluded.files, bytes_in = t.bytes_in + excluded.bytes_in,
      bytes_out = t.bytes_out + excluded.bytes_out, cpu_ms = t.cpu_ms + excluded.cpu_ms,
      predicted_ms = t.predicted_ms + excluded.predicted_ms, example = coalesce(t.example, excluded.example)`)
  const measured = new Map(
    deltas.filter(({ kind }) => kind === 'type').map(({ jobUid, batchId }) => [jobUid, batchId]),
  )
  for (const [jobUid, batchId] of measured) {
    await tx.execute(sql`
      update jobs set cost_factor = least(${mostOff}, greatest(1.0 / ${mostOff},
        (select (sum(cpu_ms) + ${priorMs}) / (sum(predicted_ms) + ${priorMs}) from tallies
          where batch_id = ${batchId} and kind = 'type')))
      where uid = ${jobUid}`)
  }
}

/** The tallies of a batch, the largest first. */
export async function readTallies(
  db: Database,
  batchId: string,
  kind?: TallyRow['kind'],
): Promise<TallyRow[]> {
  return db
    .select()
    .from(tallies)
    .where(and(eq(tallies.batchId, batchId), kind === undefined ? undefined : eq(tallies.kind, kind)))
    .orderBy(sql`${tallies.files} desc`, tallies.kind, tallies.name)
}

/** By the media type that predictions assume: what they should be multiplied by, from what the batch has seen so far. */
export async function costFactors(db: Database, batchId: string): Promise<Record<string, number>> {
  const rows = await readTallies(db, batchId, 'type')
  return Object.fromEntries(
    rows.map(({ name, cpuMs, predictedMs }) => {
      const factor = (cpuMs + priorMs) / (predictedMs + priorMs)
      return [name, Math.min(mostOff, Math.max(1 / mostOff, factor))]
    }),
  )
}
