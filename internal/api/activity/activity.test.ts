import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { readFile, readProblem } from '../testing/read.ts'
import { completeFile, failFile } from '../testing/rows.ts'
import { type Served, serve } from '../testing/serve.ts'
import { getActivityRoute } from './activity.ts'

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const schema = getActivityRoute.responses[200].content['application/json'].schema
const read = async (query = ''): Promise<z.infer<typeof schema>> =>
  schema.parse(await (await s.get(`/v1/activity${query}`)).json())
const submit = async () => (await readFile(fetch(`${s.url}/v1/files`, { method: 'POST', body: 'x' }))).id

test('tells what completed, failed and was saved, and how much is open', async () => {
  await completeFile(s, await submit(), { output: Buffer.alloc(400) })
  await failFile(s, await submit(), 'corrupt_input')
  await submit()
  const activity = await read()
  expect(activity).toMatchObject({ window: '1h', bucketSeconds: 30, open: 1 })
  expect(activity.total).toMatchObject({
    completed: 1,
    failed: 1,
    retried: 0,
    bytes: { in: 1000, out: 400, saved: 600 },
  })
  expect(activity.buckets).toHaveLength(120)
  expect(activity.buckets.at(-1)?.open).toBe(1)
  const begins = activity.buckets.map((bucket) => Date.parse(bucket.at))
  expect(begins.every((begin, i) => i === 0 || begin - (begins[i - 1] ?? 0) === 30_000)).toBe(true)
  expect((begins.at(-1) ?? 0) + 30_000).toBeGreaterThan(Date.parse(activity.at))
})

test.for([
  ['15m', 10],
  ['6h', 300],
  ['24h', 900],
  ['7d', 7200],
])('looks %s back, at buckets of %i seconds', async ([window, seconds]) => {
  const activity = await read(`?window=${window}`)
  expect(activity.bucketSeconds).toBe(seconds)
  expect(activity.total.completed).toBe(activity.buckets.reduce((sum, bucket) => sum + bucket.completed, 0))
  expect(activity.total.completed).toBeGreaterThan(0)
})

test('moves on with time, and keeps what happened in the longer windows', async () => {
  s.advance(2 * 3_600_000)
  expect((await read('?window=1h')).total.completed).toBe(0)
  expect((await read('?window=24h')).total.completed).toBe(1)
  expect(await readProblem(s.get('/v1/activity?window=1y'))).toMatchObject({ code: 'invalid_request' })
})
