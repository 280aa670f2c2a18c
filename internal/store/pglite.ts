import { mkdir, realpath, statfs } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import type { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { KompressorError, toKompressorError } from '../errors/index.ts'
import { PreparedPGlite } from './prepared-pglite.ts'
import * as schema from './schema.ts'
import type { Store } from './store.ts'

export interface PGliteStoreOptions {
  /** Folder of the database; created when missing. Absent: in memory. */
  dataDir?: string
  /**
   * False: commits return before they are in the write-ahead log, so a killed process loses the last of them. Faster;
   * for benchmarks and for tests that prove durability matters. Default true.
   */
  durable?: boolean
}

export interface PGliteStore extends Store {
  /** The same connection, for the embedded broker. */
  readonly client: PGlite
}

/** Opens (or creates) and migrates the embedded Postgres. One process at a time; the caller holds the lock. */
export async function createPGliteStore(options: PGliteStoreOptions = {}): Promise<PGliteStore> {
  const client = await open(options)
  const db = drizzle(client, { schema })
  try {
    await migrate(db, { migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) })
  } catch (error) {
    await client.close()
    throw error
  }
  let closing: Promise<void> | undefined
  /** Where the log ended after the last upkeep: nothing has been written since if it ends there still. */
  let maintainedAt: string | undefined
  return {
    client,
    db,
    listen: (channel, onNotify) => client.listen(channel, onNotify),
    // A single process has neither autovacuum nor checkpointer: tables and the log would grow for ever, and a start after
    // a crash would replay all of it.
    maintain: async () => {
      const position = await writePosition(client)
      if (position === maintainedAt) return
      for (const table of maintained) {
        await client.exec(`vacuum (analyze) ${table}`)
      }
      await client.exec('checkpoint')
      maintainedAt = await writePosition(client)
    },
    close: () => {
      closing ??= client.close()
      return closing
    },
  }
}

/** Tables whose rows change. */
const maintained = [
  'tasks',
  'files',
  'batches',
  'events',
  'object_deletions',
  'idempotency_keys',
  'cancellations',
  'activity',
  'jobs',
  'plans',
  'tallies',
] as const

async function writePosition(client: PGlite): Promise<string> {
  const { rows } = await client.query<{ position: string }>(
    'select pg_current_wal_insert_lsn()::text as position',
  )
  return rows[0]?.position ?? ''
}

async function open({ dataDir, durable = true }: PGliteStoreOptions): Promise<PGlite> {
  try {
    const client = new PreparedPGlite(dataDir === undefined ? {} : { dataDir: await folderAt(dataDir) })
    await client.waitReady
    // Plans are kept, which halves what a statement costs, also those Postgres would rather make anew for each list of ids.
    // One made while a table was empty would read all of it, and still do so when it has grown; so no plan reads a table
    // where an index will do.
    await client.exec('set enable_seqscan = off; set plan_cache_mode = force_generic_plan')
    if (!durable) await client.exec('set synchronous_commit = off')
    return client
  } catch (error) {
    throw toKompressorError(await describedFault(error, dataDir), 'database_unavailable')
  }
}

/** The folder itself: where a symbolic link stands, PGlite does not look behind it. */
async function folderAt(path: string): Promise<string> {
  await mkdir(path, { recursive: true })
  return realpath(path)
}

/** PGlite does not say why it cannot start, and its file system throws objects that are no errors. */
async function describedFault(error: unknown, dataDir = ''): Promise<Error> {
  if (dataDir !== '' && (await isFull(dataDir))) {
    return new KompressorError('storage_full', `the disk of the database in ${dataDir} is full; make room`, {
      cause: error,
    })
  }
  if (error instanceof Error) return error
  return new Error(`the database in ${dataDir} cannot be opened: ${inspect(error)}`, { cause: error })
}

async function isFull(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize < leastRoom
  } catch (error) {
    // What is wrong with the folder is what opening it says.
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

/** Bytes: what recovery and a checkpoint may need, a segment of the write-ahead log. */
const leastRoom = 16 * 1024 ** 2
