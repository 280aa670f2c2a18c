import { type SQL, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Database } from './store.ts'

interface RawResult {
  rows: unknown[]
}

function isRawResult(value: unknown): value is RawResult {
  return typeof value === 'object' && value !== null && 'rows' in value && Array.isArray(value.rows)
}

/** Runs SQL that the query builder cannot express and parses each row, so that a typo in a column fails here. */
export async function queryRows<T>(db: Database, row: z.ZodType<T>, query: SQL): Promise<T[]> {
  const result: unknown = await db.execute(query)
  if (!isRawResult(result)) throw new TypeError('the driver returned no rows')
  return result.rows.map((r) => row.parse(r))
}

/** What JSON.stringify writes for NUL and for half of a surrogate pair, and what only looks so: an escaped backslash before it. */
const unstorable = /\\u(?:0000|d[89a-f])/

/**
 * Many values as one parameter: read it with json_to_recordset. What Postgres cannot hold in text (NUL, half of a
 * surrogate pair) is replaced: somebody's error message must not stop the rows it comes with.
 */
export function asJson(values: unknown): SQL {
  const json = JSON.stringify(values)
  // A replacer is asked about every value there is, which takes longer than the fold the values are for.
  return sql`${unstorable.test(json) ? JSON.stringify(values, storable) : json}::json`
}

function storable(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value
}
