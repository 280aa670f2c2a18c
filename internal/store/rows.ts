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

/**
 * Many values as one parameter: read it with jsonb_to_recordset. What Postgres cannot hold in jsonb (NUL, half of a
 * surrogate pair) is replaced: somebody's error message must not stop the rows it comes with.
 */
export function asJson(values: unknown): SQL {
  const json = JSON.stringify(values, (_, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value,
  )
  return sql`${json}::jsonb`
}
