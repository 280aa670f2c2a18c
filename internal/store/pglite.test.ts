import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultOptions } from '../codec/index.ts'
import { describeStore } from './contract/index.ts'
import {
  createBatch,
  createPGliteStore,
  eventsSince,
  isUnwanted,
  leaseTasks,
  listFiles,
  markReleased,
  openWork,
  type PGliteStore,
  queueFiles,
} from './index.ts'
import * as schema from './schema.ts'

describeStore('PGlite', () => createPGliteStore())

describe('the schema in TypeScript', () => {
  let store: PGliteStore
  beforeAll(async () => {
    store = await createPGliteStore()
  }, 120_000)
  afterAll(() => store.close())

  const tables: PgTable[] = [
    schema.jobs,
    schema.batches,
    schema.files,
    schema.tasks,
    schema.events,
    schema.idempotencyKeys,
    schema.objectDeletions,
    schema.cancellations,
    schema.activity,
    schema.plans,
    schema.tallies,
    schema.jobViews,
    schema.jobDecisions,
    schema.webhooks,
    schema.webhookDeliveries,
  ]

  test.each(tables.map((table) => [getTableConfig(table).name, table] as const))(
    'of %s has the columns, types and nullability the migrations made',
    async (name, table) => {
      const { rows } = await store.client.query(
        `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as not_null
         from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped`,
        [name],
      )
      const declared = getTableConfig(table).columns.map((column) => ({
        name: column.name,
        type: column.getSQLType(),
        not_null: column.notNull || column.primary,
      }))
      const byName = (a: unknown, b: unknown) => JSON.stringify(a).localeCompare(JSON.stringify(b))
      const keys = getTableConfig(table).primaryKeys.flatMap((key) => key.columns.map((c) => c.name))
      const expected = declared.map((c) => ({ ...c, not_null: c.not_null || keys.includes(c.name) }))
      expect(rows.sort(byName)).toEqual(expected.sort(byName))
    },
  )

  test('covers every table', async () => {
    const { rows } = await store.client.query(
      "select count(*)::int as count from pg_tables where schemaname = 'public'",
    )
    expect(rows).toEqual([{ count: tables.length }])
  })
})

test('what was committed is there after reopening the folder', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kompressor-store-'))
  const first = await createPGliteStore({ dataDir })
  await first.client.query("insert into object_deletions (key) values ('a')")
  await first.close()
  const second = await createPGliteStore({ dataDir })
  const { rows } = await second.client.query('select key from object_deletions')
  await second.close()
  await rm(dataDir, { recursive: true })
  expect(rows).toEqual([{ key: 'a' }])
}, 180_000)

test('upkeep keeps the write-ahead log short', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kompressor-store-'))
  const store = await createPGliteStore({ dataDir })
  const segments = async () =>
    (await readdir(join(dataDir, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name)).length
  const fill = () =>
    store.client.exec(`insert into object_deletions (key)
      select gen_random_uuid()::text || repeat('x', 400) from generate_series(1, 20000)`)
  for (let round = 0; round < 2; round++) await fill()
  await store.maintain()
  const after = await segments()
  for (let round = 0; round < 3; round++) {
    await fill()
    await store.maintain()
  }
  expect(await segments()).toBeLessThanOrEqual(after + 1)
  await store.close()
  await rm(dataDir, { recursive: true })
}, 180_000)

test('what was planned while the tables were empty does not read them whole when they are full', async () => {
  const store = await createPGliteStore()
  const { db, client } = store
  const [tenantId, jobUid, now] = ['default', 'default', new Date()]
  const scans = async () => {
    await client.query('select pg_stat_force_next_flush()')
    const { rows } = await client.query<{ name: string; scans: number }>(
      `select relname as name, seq_scan::int as scans from pg_stat_user_tables
       where relname in ('files', 'tasks', 'events') order by relname`,
    )
    return rows
  }
  const hot = async () => {
    const leasedUntil = new Date(now.getTime() + 30_000)
    const leased = await leaseTasks(db, { jobUid, limit: 10, costBudget: 1e9, now, leasedUntil })
    await markReleased(
      db,
      leased.map(({ id, attempt }) => ({ id, attempt, partition: 0 })),
      now,
    )
    await openWork(db, jobUid)
    await isUnwanted(db, { batchId: 'b', fileId: 'b-1' })
    await eventsSince(db, { batchId: 'b', after: 10, limit: 10 })
    await listFiles(db, { tenantId, batchId: 'b', limit: 10 })
    await queueFiles(db, { tenantId, batchId: 'b', files: [{ id: 'b-1', cost: 1 }], now })
    return leased.length
  }
  const ids = Array.from({ length: 1_000 }, (_, i) => `b-${i}`)
  const options = { tenantId, jobUid, options: defaultOptions, tags: {}, expiresAt: now }
  await createBatch(db, { ...options, id: 'b', files: [] })
  // Postgres decides whether to keep a plan when a statement has run five times.
  for (let i = 0; i < 7; i++) await hot()
  await createBatch(db, {
    ...options,
    id: 'full',
    files: ids.map((id) => ({ id, name: id, size: 1, tags: {}, uploadKey: id })),
  })
  await queueFiles(db, { tenantId, batchId: 'full', files: ids.map((id) => ({ id, cost: 1 })), now })
  const before = await scans()
  expect(before).toHaveLength(3)
  expect(await hot()).toBe(10)
  expect(await scans()).toEqual(before)
  await store.close()
}, 180_000)
