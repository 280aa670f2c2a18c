import { afterAll, beforeAll, expect, test } from 'vitest'
import { chunkJob, newChunkJob, outputRules, sourceRules } from '../../../test/support/chunks.ts'
import { syntheticListing } from '../../../test/support/synthetic-listing.ts'
import { createJobTokens } from '../../auth/index.ts'
import { defaultOptions } from '../../codec/index.ts'
import { createJobApi } from '../../jobapi/index.ts'
import { planPrefix, sourceFilterSchema } from '../../source/index.ts'
import { listJobs, requireBatch } from '../../store/index.ts'
import { type Served, serve } from '../testing/serve.ts'

const tokens = createJobTokens(['a secret of the tests'])
let served: Served
beforeAll(async () => {
  served = await serve({ jobTokens: tokens })
  await newChunkJob(served.store)
}, 120_000)
afterAll(() => served[Symbol.asyncDispose]())

const apiOf = (token: string, jobUid: string = chunkJob.uid) =>
  createJobApi({ apiUrl: served.url, jobUid, token, signal: AbortSignal.any([]) })

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
  const sink = apiOf(tokens.mint(chunkJob.uid)).plan
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
  await expect(apiOf('x').plan.read()).rejects.toMatchObject({ code: 'invalid_token' })
})

test('planner and report writer learn what their job is, and what they say of themselves is kept', async () => {
  const api = apiOf(tokens.mint(chunkJob.uid))
  expect(await api.describe()).toMatchObject({
    uid: chunkJob.uid,
    namespace: 'test',
    name: 'photos',
    source: sourceRules,
    output: outputRules,
    options: defaultOptions,
  })
  const trouble = { code: 'storage_denied', message: 'no', at: '2026-01-01T00:00:00.000Z' } as const
  await api.tellTrouble(trouble)
  const stored = async () => (await listJobs(served.store.db)).find(({ uid }) => uid === chunkJob.uid)
  expect((await stored())?.trouble).toEqual(trouble)
  await api.tellReport('.kompressor/x/report.json')
  expect(await stored()).toMatchObject({ trouble: null, reportKey: '.kompressor/x/report.json' })
  expect(await api.totals()).toMatchObject({ files: { found: 1_500, failed: 0 }, leftOut: 3 })
  const nobody = apiOf(tokens.mint('nobody'), 'nobody')
  await expect(nobody.describe()).rejects.toMatchObject({ code: 'job_not_found' })
  await expect(nobody.tellTrouble(trouble)).rejects.toMatchObject({ code: 'job_not_found' })
})
