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

/** Many values as one parameter: read it with jsonb_to_recordset. */
export function asJson(values: unknown): SQL {
  return sql`${JSON.stringify(values)}::jsonb`
}
