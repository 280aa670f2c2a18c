import { connect, createServer } from 'node:net'
import { sql } from 'drizzle-orm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createDatabase, createDatabaseForTest, type TestDatabase } from '../../../test/support/postgres.ts'
import { describeServices } from '../../../test/support/services.ts'
import { toKompressorError } from '../../errors/index.ts'
import { createMetrics } from '../../telemetry/index.ts'
import { describeStore } from '../contract/index.ts'
import { createPostgresStore, type PostgresStoreOptions, type Store } from '../index.ts'
import { createListener } from './listener.ts'

async function open(
  options: Partial<PostgresStoreOptions> = {},
): Promise<{ store: Store; database: TestDatabase }> {
  const database = await createDatabaseForTest()
  const store = await createPostgresStore({ url: database.url, ...options })
  onTestFinished(() => store.close())
  return { store, database }
}

/** The code with which a statement fails, as whoever answers for it sees it. */
async function codeOf(statement: PromiseLike<unknown>): Promise<string> {
  try {
    await statement
    return 'none'
  } catch (error) {
    return toKompressorError(error).code
  }
}

/** Ends connections of the service, as a restart of the server does. */
function terminate(database: TestDatabase, where: string) {
  return database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'kompressor' and ${where}`,
  )
}

const inTime = { timeout: 30_000 }

describeServices('Postgres', () => {
  describeStore('Postgres', async () => {
    const database = await createDatabase()
    const store = await createPostgresStore({ url: database.url })
    return { ...store, close: () => store.close().then(database.drop) }
  })

  test('five that migrate an empty database at once all find it migrated', async () => {
    const database = await createDatabaseForTest()
    const stores = await Promise.all(
      Array.from({ length: 5 }, () => createPostgresStore({ url: database.url })),
    )
    await Promise.all(stores.map((store) => store.close()))
    const [{ applied, distinct } = {}] = await database.query(
      'select count(*)::int as applied, count(distinct hash)::int as distinct from drizzle.__drizzle_migrations',
    )
    expect(applied).toBeGreaterThan(0)
    expect(applied).toBe(distinct)
  })

  test('a process that may not migrate waits for somebody who does', async () => {
    const database = await createDatabaseForTest()
    const reader = () => createPostgresStore({ url: database.url, migrate: false })
    await expect(reader()).rejects.toMatchObject({ code: 'database_unavailable', retryable: true })
    await createPostgresStore({ url: database.url }).then((store) => store.close())
    await reader().then((store) => store.close())
  })

  test('a listener whose connection was lost is told to look at all, and hears what comes after', async () => {
    const lost: unknown[] = []
    const { store, database } = await open({ onError: (error) => lost.push(error) })
    const heard: string[] = []
    await store.listen('events', (payload) => heard.push(payload))
    await database.query("select pg_notify('events', 'before')")
    await expect.poll(() => heard, inTime).toEqual(['before'])
    await terminate(database, "query ilike 'listen%'")
    await expect.poll(() => heard, inTime).toEqual(['before', ''])
    await database.query("select pg_notify('events', 'after')")
    await expect.poll(() => heard, inTime).toEqual(['before', '', 'after'])
    expect(lost.length).toBeGreaterThan(0)
  })

  test('a server that falls silent is noticed by its missing answers', async () => {
    const database = await createDatabaseForTest()
    const proxy = await silencer(new URL(database.url))
    const heard: string[] = []
    const listener = createListener({
      config: { connectionString: proxy.url, connectionTimeoutMillis: 5_000 },
      onError: () => undefined,
      heartbeatMs: 200,
      patienceMs: 5_000,
    })
    onTestFinished(() => listener.close())
    await listener.listen('tasks', (payload) => heard.push(payload))
    proxy.silence()
    await expect.poll(() => heard, inTime).toEqual([''])
  })

  test('a connection lost in the middle of a transaction fails that transaction and nothing else', async () => {
    const { store, database } = await open()
    const cut = store.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`)
      await terminate(database, "state = 'idle in transaction'")
      await tx.execute(sql`select 2`)
    })
    expect(await codeOf(cut)).toBe('database_unavailable')
    expect(await codeOf(store.db.execute(sql`select 3`))).toBe('none')
  })

  test('a transaction that cannot begin gives its connection back', async () => {
    const database = await createDatabaseForTest()
    const proxy = await silencer(new URL(database.url))
    const store = await createPostgresStore({
      url: proxy.url,
      poolSize: 1,
      statementTimeoutMs: 100,
      connectTimeoutMs: 5_000,
    })
    await store.db.execute(sql`select 1`)
    proxy.silence()
    const begun = vi.fn(async () => undefined)
    expect(await codeOf(store.db.transaction(begun))).toBe('database_unavailable')
    expect(begun).not.toHaveBeenCalled()
    expect(await codeOf(store.db.transaction(begun))).toBe('none')
    // Waits for every connection that somebody has.
    await store.close()
  })

  test('a statement that takes too long fails as one that may be tried again', async () => {
    const { store } = await open({ statementTimeoutMs: 100 })
    expect(await codeOf(store.db.execute(sql`select pg_sleep(30)`))).toBe('database_unavailable')
  })

  test('a transaction that waits too long for its next statement gives its locks back', async () => {
    const { store, database } = await open({ idleInTransactionTimeoutMs: 100 })
    const waiting = store.db.transaction(async (tx) => {
      await tx.execute(sql`select * from jobs for update`)
      await expect
        .poll(
          () =>
            database.query(
              "select 1 from pg_stat_activity where state = 'idle in transaction' and datname = current_database()",
            ),
          inTime,
        )
        .toEqual([])
      await tx.execute(sql`select 1`)
    })
    expect(await codeOf(waiting)).toBe('database_unavailable')
  })

  test('more callers than connections wait, and fail when it takes too long', async () => {
    const { store } = await open({ poolSize: 1, connectTimeoutMs: 200 })
    const held = Promise.withResolvers<void>()
    const inside = Promise.withResolvers<void>()
    const holding = store.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`)
      inside.resolve()
      await held.promise
    })
    await inside.promise
    expect(await codeOf(store.db.execute(sql`select 1`))).toBe('database_unavailable')
    held.resolve()
    await holding
    expect(await codeOf(store.db.execute(sql`select 1`))).toBe('none')
  })

  test('a database that takes no connections is unavailable, and is used again when it does', async () => {
    const { store, database } = await open()
    // Who is connected stays so: this one ends the others.
    await database.query('select 1')
    await database.allowConnections(false)
    await terminate(database, 'true')
    await expect.poll(() => codeOf(store.db.execute(sql`select 1`)), inTime).toBe('database_unavailable')
    await database.allowConnections(true)
    await expect.poll(() => codeOf(store.db.execute(sql`select 1`)), inTime).toBe('none')
  })

  test('a server that is not there is unavailable, and the password is in no message', async () => {
    const url = 'postgres://somebody:s3cret@127.0.0.1:1/none'
    const error = await createPostgresStore({ url }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'database_unavailable', retryable: true })
    expect(String(error)).not.toContain('s3cret')
  })

  test('a fault of the statement itself is not taken for one of the server', async () => {
    const { store } = await open()
    expect(await codeOf(store.db.execute(sql`select * from nowhere`))).toBe('internal')
  })

  test('calls and connections are measured', async () => {
    const metrics = createMetrics({ processMetrics: false })
    const { store } = await open({ metrics })
    await store.db.execute(sql`select 1`)
    const { body } = await metrics.scrape()
    expect(body).toMatch(/kompressor_store_call_seconds_count\{outcome="ok"\} [1-9]/)
    expect(body).toMatch(/kompressor_store_connections\{state="idle"\} 1/)
  })
})

/** Passes bytes to a server until it is told to keep connections open and answer nothing on them. */
async function silencer(target: URL): Promise<{ url: string; silence: () => void }> {
  let silent: (() => void)[] = []
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    client.pipe(upstream).pipe(client)
    silent.push(() => {
      client.unpipe()
      upstream.unpipe()
      upstream.destroy()
    })
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const url = new URL(target)
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  const silence = () => {
    for (const stop of silent) stop()
    silent = []
  }
  return { url: url.href, silence }
}
