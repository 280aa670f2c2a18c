import { mkdir, realpath } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { toKompressorError } from '../errors/index.ts'
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
  return {
    client,
    db,
    listen: (channel, onNotify) => client.listen(channel, onNotify),
    // There is no autovacuum in a single process.
    maintain: async () => {
      for (const table of ['tasks', 'files', 'batches', 'events', 'object_deletions', 'idempotency_keys']) {
        await client.exec(`vacuum (analyze) ${table}`)
      }
    },
    close: () => {
      closing ??= client.close()
      return closing
    },
  }
}

async function open({ dataDir, durable = true }: PGliteStoreOptions): Promise<PGlite> {
  try {
    const client = await PGlite.create(dataDir === undefined ? {} : { dataDir: await folderAt(dataDir) })
    if (!durable) await client.exec('set synchronous_commit = off')
    return client
  } catch (error) {
    throw toKompressorError(describedFault(error, dataDir), 'database_unavailable')
  }
}

/** The folder itself: where a symbolic link stands, PGlite does not look behind it. */
async function folderAt(path: string): Promise<string> {
  await mkdir(path, { recursive: true })
  return realpath(path)
}

/** The file system inside PGlite throws objects that are no errors and have but a number. */
function describedFault(error: unknown, dataDir: string | undefined): unknown {
  if (error instanceof Error) return error
  const fault = new Error(`the database in ${dataDir ?? 'memory'} cannot be opened: ${inspect(error)}`)
  return Object.assign(fault, hasErrno(error) && error.errno === wasmNoSpace ? { code: 'ENOSPC' } : {})
}

function hasErrno(error: unknown): error is { errno: unknown } {
  return typeof error === 'object' && error !== null && 'errno' in error
}

/** ENOSPC as WebAssembly's system interface numbers it. */
const wasmNoSpace = 51
