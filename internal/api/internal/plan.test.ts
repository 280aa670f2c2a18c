import { afterAll, beforeAll, expect, test } from 'vitest'
import { chunkJob, newChunkJob } from '../../../test/support/chunks.ts'
import { syntheticListing } from '../../../test/support/synthetic-listing.ts'
import { createJobTokens } from '../../auth/index.ts'
import { defaultOptions } from '../../codec/index.ts'
import { httpPlanSink, planPrefix, sourceFilterSchema } from '../../source/index.ts'
import { requireBatch } from '../../store/index.ts'
import { type Served, serve } from '../testing/serve.ts'

const tokens = createJobTokens(['a secret of the tests'])
let served: Served
beforeAll(async () => {
  served = await serve({ jobTokens: tokens })
  await newChunkJob(served.store)
}, 120_000)
afterAll(() => served[Symbol.asyncDispose]())

const path = `/internal/jobs/${chunkJob.uid}/pages/0`
const page = { page: 0, chunks: [], settled: [], leftOut: 3, next: 'photos/x' }
const put = (body: unknown, token = tokens.mint(chunkJob.uid), at = path) =>
  fetch(`${served.url}${at}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

test.each([
  ['of another job', page, tokens.mint('another'), path, 401, 'invalid_token'],
  ['that is no JSON', '{', undefined, path, 400, 'malformed_json'],
  ['that is something else', { page: 'x' }, undefined, path, 400, 'invalid_request'],
  ['under another number', page, undefined, path.replace('/0', '/1'), 400, 'invalid_request'],
  [
    'that comes too early',
    { ...page, page: 1 },
    undefined,
    path.replace('/0', '/1'),
    409,
    'page_out_of_order',
  ],
])('a page %s is refused', async (_, body, token, at, status, code) => {
  const response = await put(body, token, at)
  expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ code })])
})

test('a planner without a database plans over HTTP, whatever is sent twice', async () => {
  expect((await put(page)).status).toBe(200)
  const again = await put(page)
  expect(await again.json()).toMatchObject({ nextPage: 1, token: 'photos/x', leftOut: 3, complete: false })
  const source = syntheticListing(1_500)
  const sink = httpPlanSink({
    apiUrl: served.url,
    jobUid: chunkJob.uid,
    token: tokens.mint(chunkJob.uid),
    signal: AbortSignal.any([]),
  })
  const end = await planPrefix({
    source: {
      list: ({ startAfter, ...rest }) =>
        source.list({ ...rest, ...(startAfter !== 'photos/x' && { startAfter }) }),
    },
    prefix: 'photos/',
    filter: sourceFilterSchema.parse({}),
    options: defaultOptions,
    sink,
    signal: AbortSignal.any([]),
  })
  expect(end).toMatchObject({ complete: true, foundFiles: 1_500, nextPage: 2 })
  expect(await requireBatch(served.store.db, 'default', chunkJob.batchId)).toMatchObject({
    queued: 1_500,
    sealed: true,
  })
  await expect(
    httpPlanSink({
      apiUrl: served.url,
      jobUid: chunkJob.uid,
      token: 'x',
      signal: AbortSignal.any([]),
    }).read(),
  ).rejects.toMatchObject({ code: 'invalid_token' })
})
