import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { newChunkJob } from '../../../test/support/chunks.ts'
import { defaultOptions } from '../../codec/index.ts'
import {
  createBatch,
  type PublishedJob,
  publishJob,
  queueFiles,
  upsertClusterJob,
} from '../../store/index.ts'
import { listOf } from '../http/page.ts'
import { reader, readProblem } from '../testing/read.ts'
import { failFile } from '../testing/rows.ts'
import { type Served, serve } from '../testing/serve.ts'
import { jobDetailSchema, jobSchema } from './schema.ts'

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const readJobs = reader(listOf(jobSchema))
const readJob = reader(jobDetailSchema)
const readRetried = reader(z.object({ retried: z.number() }))

const view: PublishedJob['view'] = {
  source: 'ingest',
  createdAt: '2026-03-01T11:00:00Z',
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'InPlace',
      message: 'Topic, credentials and workers are in place.',
      lastTransitionTime: '2026-03-01T11:00:01.000Z',
    },
  ],
  files: { found: 10, completed: 4, failed: 1 },
  bytes: { in: 1000, out: 400, saved: 600 },
  savingsPercent: 60,
  lag: { records: 5, workSeconds: 12.5, partitions: [4, 1] },
  replicas: { desired: 3, ready: 2, least: 0, most: 10 },
}

/** As the operator does it. */
function publish(namespace: string, name: string, given: Partial<PublishedJob> = {}) {
  return publishJob(s.store.db, {
    uid: `${namespace}-${name}`,
    namespace,
    name,
    observedAt: new Date('2026-03-01T12:00:00Z'),
    view,
    ...given,
  })
}

/** A job that takes files, and files of it that failed. */
async function failing(name: string, codes: Parameters<typeof failFile>[2][]) {
  const { db } = s.store
  const uid = `shop-${name}`
  await upsertClusterJob(db, {
    uid,
    namespace: 'shop',
    name,
    topic: `topic-${name}`,
    consumerGroup: `group-${name}`,
    partitions: 1,
    maxAttempts: 1,
    initialBackoffMs: 1,
    maxBackoffMs: 1,
    suspended: false,
  })
  await publish('shop', name)
  const files = codes.map((_, i) => ({
    id: `${uid}-${i}`,
    name: `${i}.jpg`,
    size: 1,
    tags: {},
    uploadKey: `in/${uid}/${i}`,
  }))
  const batch = { id: uid, tenantId: 'default', jobUid: uid, options: defaultOptions, tags: {}, files }
  await createBatch(db, { ...batch, expiresAt: new Date(Date.now() + 3_600_000) })
  const queued = files.map(({ id }) => ({ id, cost: 1 }))
  await queueFiles(db, { tenantId: 'default', batchId: uid, files: queued, now: new Date() })
  for (const [i, code] of codes.entries()) await failFile(s, `${uid}-${i}`, code)
}

test('a job is shown as the operator saw it, with the decisions about its workers', async () => {
  const at = new Date('2026-03-01T12:00:00Z')
  for (const [seconds, replicas] of [
    [0, 1],
    [10, 3],
  ] as const) {
    await publish('shop', 'photos', {
      observedAt: new Date(at.getTime() + seconds * 1000),
      decision: {
        replicas,
        ready: 1,
        reason: 'ScaleUp',
        sentence: `Up to ${replicas}.`,
        terms: { need: 5.5 },
      },
    })
  }
  const job = await readJob(s.get('/v1/jobs/shop/photos'))
  expect(job).toMatchObject({ ...view, uid: 'shop-photos', observedAt: '2026-03-01T12:00:10.000Z' })
  expect(job.decisions).toMatchObject([
    {
      at: '2026-03-01T12:00:10.000Z',
      replicas: 3,
      ready: 1,
      reason: 'ScaleUp',
      sentence: 'Up to 3.',
      terms: { need: 5.5 },
    },
    { replicas: 1 },
  ])
})

test('jobs are listed a page at a time, of one namespace, and by a part of their name', async () => {
  for (const name of ['a', 'b', 'c']) await publish('listed', name)
  await publish('other', 'a')
  const first = await readJobs(s.get('/v1/jobs?namespace=listed&limit=2'))
  expect(first.items.map(({ name }) => name)).toEqual(['a', 'b'])
  const rest = await readJobs(s.get(`/v1/jobs?namespace=listed&limit=2&cursor=${first.nextCursor}`))
  expect(rest).toMatchObject({ items: [{ namespace: 'listed', name: 'c' }] })
  expect(rest.nextCursor).toBeUndefined()
  const found = await readJobs(s.get('/v1/jobs?search=OTHER%2Fa'))
  expect(found.items).toMatchObject([{ namespace: 'other', name: 'a', savingsPercent: 60 }])
  const foreign = s.get(`/v1/jobs?namespace=other&cursor=${first.nextCursor}`)
  expect(await readProblem(foreign)).toMatchObject({ code: 'invalid_request' })
})

test('a job nobody knows, and a name that is none, are told apart', async () => {
  for (const response of [s.get('/v1/jobs/shop/nothing'), s.post('/v1/jobs/shop/nothing/retry')]) {
    expect(await readProblem(response)).toMatchObject({
      code: 'job_not_found',
      detail: 'there is no CompressionJob shop/nothing',
    })
  }
  expect(await readProblem(s.get('/v1/jobs/Shop/x'))).toMatchObject({ code: 'not_found' })
  expect(await readProblem(s.get('/v1/jobs?limit=0'))).toMatchObject({ code: 'invalid_request' })
})

test('failed files of one job are tried again, all of them or those of some causes', async () => {
  await failing('one', ['corrupt_input', 'codec_timeout', 'codec_timeout'])
  await failing('two', ['codec_timeout'])
  const retry = (body?: unknown) => readRetried(s.post('/v1/jobs/shop/one/retry', body))
  expect(await retry({ codes: ['codec_timeout'] })).toEqual({ retried: 2 })
  expect(await retry()).toEqual({ retried: 1 })
  expect(await retry()).toEqual({ retried: 0 })
  expect(await readRetried(s.post('/v1/jobs/shop/two/retry'))).toEqual({ retried: 1 })
})

test('what failed of a bucket is in the ledger, and the answer says what to do', async () => {
  const { job } = await newChunkJob(s.store)
  await publish(job.namespace, job.name, { uid: job.uid })
  const refused = s.post(`/v1/jobs/${job.namespace}/${job.name}/retry`)
  expect(await readProblem(refused)).toMatchObject({
    code: 'ledger_only',
    status: 409,
    detail: expect.stringContaining('kompressor job retry'),
  })
})
