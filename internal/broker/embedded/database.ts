import type { PGlite } from '@electric-sql/pglite'
import { KompressorError } from '../../errors/index.ts'

/** The few things the broker does with its database; every failure is `broker_unavailable`. */
export interface Database {
  /** Runs one statement and returns its rows as arrays, columns in the order selected. */
  rows<Row extends readonly unknown[]>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
  /** Runs statements without parameters. */
  exec(sql: string): Promise<void>
}

/** Statements wait for a transaction the application may have open on the same connection, and for each other. */
export function createDatabase(db: PGlite): Database {
  return {
    async rows<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[] = []) {
      try {
        return (await db.query<Row>(sql, [...parameters], { rowMode: 'array' })).rows
      } catch (error) {
        throw unavailable(error)
      }
    },
    async exec(sql) {
      try {
        await db.exec(sql)
      } catch (error) {
        throw unavailable(error)
      }
    },
  }
}

function unavailable(cause: unknown): KompressorError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new KompressorError('broker_unavailable', `the broker's database failed: ${reason}`, { cause })
}
