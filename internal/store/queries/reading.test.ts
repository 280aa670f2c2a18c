import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultOptions } from '../../codec/index.ts'
import { createPGliteStore, type PGliteStore } from '../pglite.ts'
import { acceptFile } from './accept-file.ts'
import { createBatch } from './create-batch.ts'
import { eventsSince } from './events-since.ts'
import { failuresByCode } from './failures.ts'
import { findFiles } from './find-files.ts'
import { findAnswer, storeAnswer } from './idempotency.ts'
import { listBatches } from './list-batches.ts'
import { listFailures } from './list-failures.ts'
import { listFiles } from './list-files.ts'

let store: PGliteStore
beforeAll(async () => {
  store = await createPGliteStore()
  for (const tenantId of ['one', 'two']) {
    for (const n of [1, 2]) {
      const batchId = `${tenantId}-${n}`
      const batch = {
        id: batchId,
        tenantId,
        jobUid: 'default',
        options: defaultOptions,
        name: `Holiday ${n}%`,
        tags: { n: String(n), client: `Client-${n}` },
      }
      await createBatch(store.db, { ...batch, expiresAt: new Date(), files: [] })
      for (const name of ['A_1.jpg', 'b%2.jpg']) {
        const id = `${batchId}-${name}`
        const file = { id, name, size: 1, tags: { name }, uploadKey: id }
        const now = new Date()
        await acceptFile(store.db, { tenantId, jobUid: 'default', batchId, file, cost: 1, now })
      }
    }
  }
  await store.client.exec(
    `update files set state = 'failed', error_code = 'corrupt_input', error_message = 'broken' where name = 'A_1.jpg'`,
  )
})
afterAll(() => store.close())

const names = (rows: readonly { name: string }[]) => rows.map((row) => row.name)
const ids = (rows: readonly { id: string }[]) => rows.map((row) => row.id)

describe('lists', () => {
  test('show a tenant its own rows alone', async () => {
    expect(ids(await listBatches(store.db, { tenantId: 'one', limit: 9 }))).toEqual(['one-2', 'one-1'])
    expect(await listFiles(store.db, { tenantId: 'two', batchId: 'one-1', limit: 9 })).toEqual([])
    const foreign = { tenantId: 'two', batchId: 'one-1', ids: ['one-1-A_1.jpg'] }
    expect(await findFiles(store.db, foreign)).toEqual([])
    expect(ids(await findFiles(store.db, { ...foreign, tenantId: 'one' }))).toEqual(foreign.ids)
  })

  test('go on behind a row, and end at the limit', async () => {
    expect(ids(await listBatches(store.db, { tenantId: 'one', after: 'one-2', limit: 9 }))).toEqual(['one-1'])
    const scope = { tenantId: 'one', batchId: 'one-1' }
    expect(names(await listFiles(store.db, { ...scope, limit: 1 }))).toEqual(['A_1.jpg'])
    expect(names(await listFiles(store.db, { ...scope, after: 'one-1-A_1.jpg', limit: 9 }))).toEqual([
      'b%2.jpg',
    ])
  })

  test('take a name as it is written: what means something in LIKE means itself', async () => {
    const find = async (name: string) =>
      names(await listFiles(store.db, { tenantId: 'one', batchId: 'one-1', name, limit: 9 }))
    expect(await find('a_')).toEqual(['A_1.jpg'])
    expect(await find('%')).toEqual(['b%2.jpg'])
    expect(await find('.JPG')).toEqual(['A_1.jpg', 'b%2.jpg'])
    expect(await find('\\')).toEqual([])
  })

  test('filter by state and by all the tags given', async () => {
    const list = (filter: object) =>
      listFiles(store.db, { tenantId: 'one', batchId: 'one-1', limit: 9, ...filter })
    expect(names(await list({ state: 'failed' }))).toEqual(['A_1.jpg'])
    expect(names(await list({ tags: { name: 'b%2.jpg' } }))).toEqual(['b%2.jpg'])
    expect(await list({ tags: { name: 'b%2.jpg', other: 'x' } })).toEqual([])
    expect(ids(await listBatches(store.db, { tenantId: 'one', tags: { n: '1' }, limit: 9 }))).toEqual([
      'one-1',
    ])
  })
})

test('batches are found by a part of their name or of a tag, and by the beginning of their id', async () => {
  const find = async (search: string) =>
    ids(await listBatches(store.db, { tenantId: 'one', search, limit: 9 }))
  expect(await find('holiday')).toEqual(['one-2', 'one-1'])
  expect(await find('Y 2%')).toEqual(['one-2'])
  expect(await find('CLIENT-1')).toEqual(['one-1'])
  expect(await find('one-1')).toEqual(['one-1'])
  expect(await find('ne-1')).toEqual([])
  expect(await find('client')).toEqual(['one-2', 'one-1'])
  expect(await find('_')).toEqual([])
})

test('failures of a code come newest first, page by page, by name and by batch', async () => {
  const list = async (query: object) =>
    ids(await listFailures(store.db, { tenantId: 'one', code: 'corrupt_input', limit: 9, ...query }))
  expect(await list({})).toEqual(['one-2-A_1.jpg', 'one-1-A_1.jpg'])
  expect(await list({ limit: 1 })).toEqual(['one-2-A_1.jpg'])
  expect(await list({ after: 'one-2-A_1.jpg' })).toEqual(['one-1-A_1.jpg'])
  expect(await list({ batchId: 'one-1' })).toEqual(['one-1-A_1.jpg'])
  expect(await list({ name: 'a_1' })).toHaveLength(2)
  expect(await list({ name: '%' })).toEqual([])
  expect(await list({ code: 'poison' })).toEqual([])
  expect(await list({ tenantId: 'nobody' })).toEqual([])
})

test('failures are counted by code, with the newest as samples, in one batch or in all', async () => {
  const failures = (query: object) => failuresByCode(store.db, { tenantId: 'one', samples: 1, ...query })
  const sample = (batchId: string) => ({
    fileId: `${batchId}-A_1.jpg`,
    batchId,
    name: 'A_1.jpg',
    message: 'broken',
  })
  expect(await failures({})).toEqual([{ code: 'corrupt_input', count: 2, samples: [sample('one-2')] }])
  expect(await failures({ batchId: 'one-1' })).toEqual([
    { code: 'corrupt_input', count: 1, samples: [sample('one-1')] },
  ])
  expect(await failures({ tenantId: 'nobody' })).toEqual([])
})

test('events come in order behind a position', async () => {
  const seqs = async (after: number, limit: number) =>
    (await eventsSince(store.db, { batchId: 'one-1', after, limit })).map((event) => event.seq)
  expect(await seqs(0, 9)).toEqual([1, 2])
  expect(await seqs(0, 1)).toEqual([1])
  expect(await seqs(2, 9)).toEqual([])
})

describe('stored answers', () => {
  const answer = { fingerprint: 'f', status: 202, headers: { location: '/x' }, body: { a: [1] } }
  const store1 = (key: string) => storeAnswer(store.db, { tenantId: 'one', key, answer, now: new Date() })

  test('are found by tenant and key', async () => {
    await store1('k')
    expect(await findAnswer(store.db, { tenantId: 'one', key: 'k' })).toEqual(answer)
    expect(await findAnswer(store.db, { tenantId: 'two', key: 'k' })).toBeUndefined()
  })

  test('are kept once: the second transaction learns of it and leaves nothing', async () => {
    await store1('once')
    const second = store.db.transaction(async (tx) => {
      await createBatch(tx, {
        id: 'undone',
        tenantId: 'one',
        jobUid: 'default',
        options: defaultOptions,
        tags: {},
        expiresAt: new Date(),
        files: [],
      })
      await storeAnswer(tx, { tenantId: 'one', key: 'once', answer, now: new Date() })
    })
    await expect(second).rejects.toMatchObject({ code: 'idempotency_in_progress' })
    expect(ids(await listBatches(store.db, { tenantId: 'one', limit: 9 }))).not.toContain('undone')
  })
})
