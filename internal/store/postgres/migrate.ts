import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { KompressorError } from '../../errors/index.ts'
import { translated } from './errors.ts'

const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url))

/** Any number will do as long as nobody else takes it: "kompress" in ASCII, in the 63 bits an advisory lock has. */
const lockKey = '7741526614196188019'

/**
 * Brings the schema up to date. Any number of processes may do so at once: they queue up behind a lock that goes with
 * the connection, so that of a process that dies is free again.
 */
export async function migrateSchema(config: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...config, statement_timeout: 0, query_timeout: 0, lock_timeout: 0 })
  // A connection lost between two statements makes the next one fail, which is told to the caller.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(`select pg_advisory_lock(${lockKey})`)
    await migrate(drizzle(client), { migrationsFolder })
  } catch (error) {
    throw translated(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Throws database_unavailable unless the schema is as new as this process. A newer one is all right: it goes on first. */
export async function requireMigrated(pool: pg.Pool): Promise<void> {
  const wanted = readMigrationFiles({ migrationsFolder }).at(-1)?.folderMillis ?? 0
  if ((await latestMigration(pool)) >= wanted) return
  throw new KompressorError(
    'database_unavailable',
    'the schema is older than this process; run kompressor migrate',
  )
}

async function latestMigration(pool: pg.Pool): Promise<number> {
  const table = 'drizzle.__drizzle_migrations'
  const { rows: found } = await pool.query<{ table: string | null }>(
    'select to_regclass($1)::text as table',
    [table],
  )
  if (found[0]?.table == null) return 0
  const { rows } = await pool.query<{ at: string }>(`select coalesce(max(created_at), 0) as at from ${table}`)
  return Number(rows[0]?.at ?? 0)
}
