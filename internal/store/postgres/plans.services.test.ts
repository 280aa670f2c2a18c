import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createDatabase, type TestDatabase } from '../../../test/support/postgres.ts'
import { describeServices } from '../../../test/support/services.ts'
import { defaultOptions } from '../../codec/index.ts'
import {
  acceptLoneFile,
  cancelBatch,
  cancelFile,
  changeFiles,
  createPostgresStore,
  type Database,
  deleteBatch,
  eventsSince,
  expiredBatches,
  expireUploads,
  type FileChange,
  type FileRow,
  failuresByCode,
  isUnwanted,
  latestCancellations,
  leaseTasks,
  listFailures,
  listFiles,
  markReleased,
  nextDue,
  openWork,
  outbox,
  releaseAgain,
  requireFile,
  retryFiles,
  type Store,
  statesOfFiles,
  unfinishedCancellations,
} from '../index.ts'
import { queryRows } from '../rows.ts'

/** Files in the database. A million takes minutes to make: KOMPRESSOR_TEST_FILES=1000000. */
const files = Number(process.env.KOMPRESSOR_TEST_FILES ?? 50_000)
const tenantId = 'default'
const jobUid = 'default'

describeServices(`with ${files} files`, () => {
  let database: TestDatabase
  let store: Store
  beforeAll(async () => {
    database = await createDatabase()
    // One connection: what it has read is counted together.
    store = await createPostgresStore({ url: database.url, poolSize: 1, statementTimeoutMs: 600_000 })
    await fill(database)
  }, 900_000)
  afterAll(async () => {
    await store?.close()
    await database?.drop()
  })

  // Batches are few: reading all of them is the better plan here.
  test('nothing that is asked often reads a table from end to end', async () => {
    const { db } = store
    const now = new Date()
    const before = await scans(database)
    await acceptLoneFile(db, {
      tenantId,
      jobUid,
      newBatchId: 'new-batch',
      options: defaultOptions,
      expiresAt: new Date(now.getTime() + 60_000),
      file: { id: 'new-file', name: 'a', tags: {}, uploadKey: 'in/a' },
      cost: 1,
      now,
    })
    const leasedUntil = new Date(now.getTime() + 30_000)
    const leased = await leaseTasks(db, { jobUid, limit: 100, costBudget: 1e9, now, leasedUntil })
    expect(leased).toHaveLength(100)
    await markReleased(
      db,
      leased.map(({ id, attempt }) => ({ id, attempt, partition: 0 })),
      now,
    )
    expect(await openWork(db, jobUid)).not.toEqual([])
    await nextDue(db)
    await outbox(db, now)
    await cancelFile(db, { tenantId, fileId: leased[0]?.id ?? '', now })
    await requireFile(db, tenantId, 'f-00000042')
    expect(await isUnwanted(db, { batchId: 'b-42', fileId: 'f-00000042' })).toBe(false)
    await latestCancellations(db, { jobUid, limit: 1_000 })
    expect(await eventsSince(db, { batchId: 'b-42', after: 10, limit: 500 })).not.toEqual([])
    expect(await listFiles(db, { tenantId, batchId: 'b-42', limit: 100 })).not.toEqual([])
    await expireUploads(db, { now, limit: 3 })
    // The same connection reads a table from end to end: once that is counted, so is all before it.
    await db.execute('select count(*) from idempotency_keys')
    await expect
      .poll(async () => (await scans(database)).idempotency_keys, { timeout: 30_000 })
      .toBeGreaterThan(before.idempotency_keys ?? 0)
    const after = await scans(database)
    for (const table of ['files', 'tasks', 'events']) {
      expect([table, after[table]]).toEqual([table, before[table]])
    }
  }, 120_000)

  /** Rows that were read of the tables that grow, to do this. */
  async function rowsRead(act: (tx: Database) => Promise<unknown>): Promise<number> {
    return store.db.transaction(async (tx) => {
      const before = await rowsReadBy(tx)
      await act(tx)
      return (await rowsReadBy(tx)) - before
    })
  }

  const now = new Date()
  const spread = (count: number) =>
    Array.from({ length: count }, (_, i) => fileId(Math.floor((i * files) / count / 50) * 50))
  const code = 'corrupt_input'

  // Each with the rows it may read at most.
  test.for([
    {
      what: 'folding 200 files',
      act: async (tx) => {
        const ids = spread(200)
        const folded = await changeFiles(tx, { batchIds: ids.map(batchOf), ids, now }, (rows) =>
          rows.map(completed),
        )
        expect(folded).toHaveLength(200)
      },
      most: 1_000,
    },
    {
      what: 'listing failures',
      act: async (tx) => {
        expect(await listFailures(tx, { tenantId, code, limit: 5 })).toHaveLength(5)
        expect(await listFailures(tx, { tenantId, code, limit: 5, batchId: 'b-10' })).toHaveLength(1)
        expect(await failuresByCode(tx, { tenantId, samples: 3 })).toContainEqual(
          expect.objectContaining({ code }),
        )
      },
      most: files / 100,
    },
    {
      what: 'retrying the failures of a batch',
      act: async (tx) =>
        expect(await retryFiles(tx, { tenantId, batchId: 'b-0', codes: [code], now })).toBe(1),
      most: files / 100,
    },
    {
      what: 'retrying all failures',
      act: async (tx) => expect(await retryFiles(tx, { tenantId, now })).toBeGreaterThan(5),
      most: files / 100,
    },
    {
      what: 'cancelling a batch',
      act: async (tx) =>
        expect(await cancelBatch(tx, { tenantId, batchId: 'b-7', now })).toMatchObject({
          state: 'cancelled',
        }),
      most: 5_000,
    },
    { what: 'finding what was not cancelled to its end', act: unfinishedCancellations, most: 0 },
    {
      what: 'expiring uploads',
      act: async (tx) => expect(await expireUploads(tx, { now, limit: 3 })).toBe(3),
      most: 100,
    },
    {
      what: 'finding batches past their retention',
      act: (tx) => expiredBatches(tx, { now, limit: 500 }),
      most: 0,
    },
    {
      what: 'deleting a batch',
      act: (tx) => deleteBatch(tx, { tenantId, batchId: 'b-3', now }),
      most: 10_000,
    },
    {
      what: 'releasing again what was lost',
      act: (tx) => releaseAgain(tx, { jobUid, releasedBefore: new Date(0), now }),
      // All that are released are looked at.
      most: files / 50,
    },
    {
      what: 'finding files by their objects',
      act: (tx) => statesOfFiles(tx, spread(500)),
      most: 500,
    },
  ] satisfies { what: string; act: (tx: Database) => Promise<unknown>; most: number }[])(
    '$what reads little of what there is',
    { timeout: 120_000 },
    async ({ act, most }) => expect(await rowsRead(act)).toBeLessThanOrEqual(most),
  )
})

async function rowsReadBy(tx: Database): Promise<number> {
  const [row] = await queryRows(
    tx,
    z.object({ rows: z.coerce.number() }),
    sql`select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as rows
      from pg_stat_xact_user_tables where relname in ('files', 'tasks', 'events')`,
  )
  return row?.rows ?? 0
}

const fileId = (n: number) => `f-${String(n).padStart(8, '0')}`
const batchOf = (id: string) => `b-${Math.floor(Number(id.slice(2)) / 500)}`

function completed(before: FileRow): FileChange {
  return {
    before,
    after: { ...before, state: 'completed', seq: 1 },
    task: 'done',
    event: { type: 'file.completed', data: { state: 'completed' } },
  }
}

/** How often each table was read from end to end. */
async function scans(database: TestDatabase): Promise<Record<string, number>> {
  const rows = await database.query('select relname as name, seq_scan::int as scans from pg_stat_user_tables')
  return Object.fromEntries(rows.map(({ name, scans }) => [String(name), Number(scans)]))
}

/** Batches of 500 files, most of them done, as in a service that has run for a while. */
async function fill(database: TestDatabase): Promise<void> {
  await database.query(
    `insert into batches (id, job_uid, state, options, completed, failed, pending, last_seq,
       expires_at)
     select 'b-' || n, 'default', 'running', '{}', 488, 1, 1, 1000, now() + interval '30 days'
     from generate_series(0, $1::int / 500) n`,
    [files],
  )
  await database.query(
    `insert into files (id, batch_id, job_uid, name, state, upload_key)
     select 'f-' || lpad(n::text, 8, '0'), 'b-' || n / 500, 'default', 'name-' || n,
       case when n % 50 = 0 then 'queued' when n % 5000 = 1 then 'failed' when n % 5000 = 2 then 'pending'
         else 'completed' end, 'in/default/' || n
     from generate_series(0, $1::int - 1) n`,
    [files],
  )
  await database.query(
    `update files set error_code = 'corrupt_input', queued_at = created_at where state = 'failed'`,
  )
  await database.query(
    `update files set upload_expires_at = now() - interval '1 day' where state = 'pending'`,
  )
  await database.query(
    `insert into tasks (id, job_uid, batch_id, file_id, cost, state, released_partition)
     select id, 'default', batch_id, id, 10,
       case when state <> 'queued' then 'done' when random() < 0.8 then 'waiting' else 'released' end, 0
     from files`,
  )
  await database.query('update batches set queued = 10 where true')
  await database.query(
    `insert into events (batch_id, seq, file_id, type, data)
     select 'b-' || n / 1000, n % 1000 + 1, 'f-' || lpad((n / 2)::text, 8, '0'), 'file.queued', '{"state": "queued"}'
     from generate_series(0, $1::int * 2 - 1) n`,
    [files],
  )
  for (const table of ['batches', 'files', 'tasks', 'events']) await database.query(`vacuum analyze ${table}`)
}
