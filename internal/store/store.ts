import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type * as schema from './schema.ts'

/** The database as queries see it: PGlite or Postgres, or a transaction on either. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>

/**
 * What is announced when a transaction commits. `tasks`: something may be released; the payload is empty. `events`:
 * batches have new events; the payload is their ids joined by commas, or empty for "look at all".
 */
export type Channel = 'tasks' | 'events'

/** A migrated database. Adapters differ in how they connect; the queries are the same. */
export interface Store {
  readonly db: Database
  /**
   * Calls back after each commit that notified the channel; resolves when listening, with the function that ends it.
   * After a lost connection it is called once with an empty payload, since something may have been missed.
   */
  listen(channel: Channel, onNotify: (payload: string) => void): Promise<() => Promise<void>>
  /** What keeps tables small and plans good where the server does not do it by itself. To be called now and then. */
  maintain(): Promise<void>
  /** Waits for what is running, then closes. Repeatable. */
  close(): Promise<void>
}
