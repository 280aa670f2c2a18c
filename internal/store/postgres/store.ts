import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { KompressorError } from '../../errors/index.ts'
import type { Metrics } from '../../telemetry/index.ts'
import * as schema from '../schema.ts'
import type { Store } from '../store.ts'
import { createListener } from './listener.ts'
import { migrateSchema, requireMigrated } from './migrate.ts'
import { observed } from './observe.ts'

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full`, as libpq knows it. */
  url: string
  /** Most connections for queries; listening takes one more. Default 10. */
  poolSize?: number
  /** Longest a statement may run, milliseconds; a longer one fails with database_unavailable. Default 30 s. */
  statementTimeoutMs?: number
  /** Longest a transaction may wait for its next statement, milliseconds. Default 30 s. */
  idleInTransactionTimeoutMs?: number
  /** Longest to wait for a connection, whether the server or the pool has none, milliseconds. Default 10 s. */
  connectTimeoutMs?: number
  /** As it stands in pg_stat_activity. Default `kompressor`. */
  applicationName?: string
  /** Bring the schema up to date first. Default true; false for processes whose role may not: they check it. */
  migrate?: boolean
  metrics?: Metrics
  /** A connection nobody was using was lost, or the one that listens; both are made again. To be logged. */
  onError?: (error: unknown) => void
}

/** How much later than the server the client gives up a statement: the server's own error says more. */
const clientPatienceMs = 5_000

/** Connects to Postgres. Throws database_unavailable when there is none, or its schema is old and not to be changed. */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { metrics, onError = () => undefined } = options
  const config = clientConfig(options)
  if (options.migrate ?? true) await migrateSchema(config)
  const pool = createPool(options, config)
  const watched = observed(pool, (seconds, error) => {
    metrics?.storeCallSeconds.observe({ outcome: outcomeOf(error) }, seconds)
  })
  const stopCollecting = metrics?.onCollect('store', () => {
    metrics.storeConnections.set({ state: 'busy' }, pool.totalCount - pool.idleCount)
    metrics.storeConnections.set({ state: 'idle' }, pool.idleCount)
    metrics.storeConnections.set({ state: 'wanted' }, pool.waitingCount)
  })
  const listener = createListener({ config, onError })
  let closing: Promise<void> | undefined
  const close = async () => {
    stopCollecting?.()
    await listener.close()
    await pool.end()
  }
  const store: Store = {
    db: drizzle(watched, { schema }),
    listen: listener.listen,
    // Autovacuum and checkpoints are the server's own.
    maintain: async () => undefined,
    close: () => {
      closing ??= close()
      return closing
    },
  }
  try {
    await requireMigrated(watched)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

function outcomeOf(error: unknown): 'ok' | 'unavailable' | 'failed' {
  if (error === undefined) return 'ok'
  return error instanceof KompressorError ? 'unavailable' : 'failed'
}

function clientConfig(options: PostgresStoreOptions): pg.ClientConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000
  return {
    connectionString: options.url,
    application_name: options.applicationName ?? 'kompressor',
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + clientPatienceMs,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 30_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    keepAlive: true,
  }
}

function createPool({ poolSize = 10, onError }: PostgresStoreOptions, config: pg.ClientConfig): pg.Pool {
  const pool = new pg.Pool({ ...config, max: poolSize, idleTimeoutMillis: 60_000 })
  pool.on('error', (error) => onError?.(error))
  // A connection lost between two statements of a transaction: the next one fails. Unheard, the event ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}
