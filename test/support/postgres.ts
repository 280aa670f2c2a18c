import pg from 'pg'
import { onTestFinished } from 'vitest'
import { services, uniqueName } from './services.ts'

export interface TestDatabase {
  url: string
  /** Statements as the server's owner, outside the service's pool. */
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  /** Whether anybody may connect; who is connected stays. */
  allowConnections(allowed: boolean): Promise<void>
  /** Closes its connections and removes it. */
  drop(): Promise<void>
}

/** An empty database of its own on the real server. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = services().databaseUrl
  const name = uniqueName()
  await once(server, `create database "${name}"`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const own = new pg.Pool({ connectionString: url.href, max: 2 })
  own.on('error', () => undefined)
  return {
    url: url.href,
    query: async (text, values) => (await own.query(text, values)).rows,
    allowConnections: (allowed) => once(server, `alter database "${name}" with allow_connections ${allowed}`),
    drop: async () => {
      await own.end()
      await once(server, `drop database if exists "${name}" with (force)`)
    },
  }
}

/** The same for one test. */
export async function createDatabaseForTest(): Promise<TestDatabase> {
  const database = await createDatabase()
  onTestFinished(() => database.drop())
  return database
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
