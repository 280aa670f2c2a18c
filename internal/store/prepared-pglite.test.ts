import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PreparedPGlite } from './prepared-pglite.ts'

let plain: PGlite
let prepared: PreparedPGlite
beforeAll(async () => {
  plain = new PGlite()
  prepared = new PreparedPGlite()
  for (const client of [plain, prepared]) await client.exec('create table t (id integer primary key, x text)')
}, 120_000)
afterAll(() => Promise.all([plain.close(), prepared.close()]))

test.each<[string, unknown[]]>([
  ['select 1 as one', []],
  [
    'select $1::integer as a, $2::bigint as b, $3::text as c, $4::jsonb as d',
    [1, 2n, 'ä€😀', { x: [1, null] }],
  ],
  ['select $1::text as a, $2::integer as b', [null, undefined]],
  ['select $1::timestamptz as at, $2::boolean as yes', [new Date(0), true]],
  [
    'select * from unnest($1::integer[], $2::text[]) as u (a, b)',
    [
      [1, 2],
      ['x', null],
    ],
  ],
  ['select 9007199254740993::bigint as big, 1.5::float8 as f, null as nothing', []],
  ["insert into t values (1, 'a'), (2, 'b') on conflict do nothing", []],
  ['update t set x = $1 where id > $2 returning id, x', ['c', 1]],
  ['select 1 as same, 2 as same', []],
])('answers as PGlite does: %s', async (text, values) => {
  for (const rowMode of ['object', 'array'] as const) {
    const { rows, fields } = await plain.query(text, values, { rowMode })
    for (let time = 0; time < 2; time++) {
      expect(await prepared.query(text, values, { rowMode })).toEqual({ rows, fields })
    }
  }
})

test('takes parsers as PGlite does', async () => {
  const parsers = { 1184: (text: string) => `at ${text}` }
  const text = "select timestamptz '2026-01-02 03:04:05Z' as at, 1 as n"
  const { rows } = await plain.query(text, [], { parsers })
  expect((await prepared.query(text, [], { parsers })).rows).toEqual(rows)
})

test('parses a statement once, and forgets those not used for longest', async () => {
  const count = async () => {
    const { rows } = await prepared.query<{ n: number }>(
      'select count(*)::int as n from pg_prepared_statements',
    )
    return rows[0]?.n ?? 0
  }
  const before = await count()
  for (let i = 0; i < 5; i++) await prepared.query('select $1::integer + 1000', [i])
  expect(await count()).toBe(before + 1)
  for (let i = 0; i < 250; i++) await prepared.query(`select ${i}`)
  expect(await count()).toBe(100)
})

test('a statement that fails says which constraint, and leaves the connection as it was', async () => {
  await prepared.query('insert into t values (100)')
  for (let time = 0; time < 2; time++) {
    await expect(prepared.query('insert into t values (100)')).rejects.toMatchObject({ constraint: 't_pkey' })
    await expect(prepared.query('select nonsense')).rejects.toThrow('nonsense')
    await expect(prepared.query('select $1::integer', ['x'])).rejects.toThrow('invalid input syntax')
    expect((await prepared.query('select count(*)::int as n from t where id = 100')).rows).toEqual([{ n: 1 }])
  }
})

test('a transaction is kept as a whole or not at all', async () => {
  const insert = 'insert into t values ($1)'
  await prepared.transaction(async (tx) => {
    await tx.query(insert, [200])
    await tx.query(insert, [201])
  })
  const failing = prepared.transaction(async (tx) => {
    await tx.query(insert, [202])
    await tx.query(insert, [200])
  })
  await expect(failing).rejects.toThrow('duplicate key')
  const savepoint = prepared.transaction(async (tx) => {
    await tx.query(insert, [203])
    await tx.query('savepoint s')
    await tx.query(insert, [200]).catch(() => tx.query('rollback to savepoint s'))
    await tx.query(insert, [204])
  })
  await savepoint
  const { rows } = await prepared.query('select id from t where id >= 200 order by id', [], {
    rowMode: 'array',
  })
  expect(rows).toEqual([[200], [201], [203], [204]])
})

test('statements outside a transaction wait for its end', async () => {
  const order: string[] = []
  const inside = prepared.transaction(async (tx) => {
    for (let i = 0; i < 5; i++) await tx.query('select 1')
    order.push('inside')
  })
  const outside = prepared.query('select 1').then(() => order.push('outside'))
  await Promise.all([inside, outside])
  expect(order).toEqual(['inside', 'outside'])
})

test('notifications of prepared statements reach listeners', async () => {
  const heard: string[] = []
  const unlisten = await prepared.listen('news', (payload) => heard.push(payload))
  for (const payload of ['a', 'b']) await prepared.query("select pg_notify('news', $1)", [payload])
  await expect.poll(() => heard).toEqual(['a', 'b'])
  await unlisten()
})
