import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createJobTokens } from '../../auth/index.ts'
import { createLimiter } from '../../limits/index.ts'
import { parseControl } from '../../messages/index.ts'
import { jobFigures, upsertClusterJob } from '../../store/index.ts'
import { createLogger } from '../../telemetry/index.ts'
import { startHttpControl } from '../../worker/index.ts'
import { type Served, serve } from '../testing/serve.ts'

const tokens = createJobTokens(['a secret of the tests'])
let served: Served
beforeAll(async () => {
  served = await serve({ jobTokens: tokens })
}, 120_000)
afterAll(() => served[Symbol.asyncDispose]())

const path = '/internal/jobs/default/control'
const bearer = (jobUid: string) => ({ authorization: `Bearer ${tokens.mint(jobUid)}` })
const fileSchema = z.object({ id: z.string(), batchId: z.string() })

async function postFile() {
  const response = await fetch(`${served.url}/v1/files?name=a.log`, { method: 'POST', body: 'some text' })
  return fileSchema.parse(await response.json())
}

test.each([
  ['nobody', {}],
  ['somebody with a made-up token', { authorization: 'Bearer kj1.ZGVmYXVsdA.AAAA' }],
  ['a worker of another job', bearer('another')],
  ['somebody with a password', { authorization: `Basic ${tokens.mint('default')}` }],
])('%s is not told what is cancelled', async (_, headers) => {
  const response = await served.get(path, { headers: new Headers(headers) })
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code: 'invalid_token' })
})

test('a worker whose job is gone is told so', async () => {
  const response = await served.get('/internal/jobs/gone/control', { headers: bearer('gone') })
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ code: 'job_not_found' })
})

test('the answer changes with a cancellation and is not repeated before', async () => {
  const first = await served.get(path, { headers: bearer('default') })
  expect(first.status).toBe(200)
  const etag = first.headers.get('etag') ?? ''
  const again = await served.get(path, { headers: { ...bearer('default'), 'if-none-match': etag } })
  expect(again.status).toBe(304)

  const file = await postFile()
  await served.post(`/v1/batches/${file.batchId}/cancel`)
  served.advance(2_000)
  const changed = await served.get(path, { headers: { ...bearer('default'), 'if-none-match': etag } })
  expect(parseControl(await changed.json()).batches).toContain(file.batchId)
})

test('a worker hears of it within seconds, and goes on while nobody answers', async () => {
  const log: string[] = []
  const logger = createLogger({
    level: 'info',
    format: 'json',
    destination: { write: (line) => void log.push(line) },
  })
  const common = { jobUid: 'default', token: tokens.mint('default'), logger, intervalMs: 20 }
  const control = startHttpControl({ ...common, apiUrl: served.url })
  const alone = startHttpControl({ ...common, apiUrl: 'http://127.0.0.1:1' })
  const { id: fileId, batchId } = await postFile()
  expect(await control.isUnwanted({ batchId, fileId })).toBe(false)
  await fetch(`${served.url}/v1/files/${fileId}`, { method: 'DELETE' })
  await expect
    .poll(
      () => {
        served.advance(2_000)
        return control.isUnwanted({ batchId, fileId })
      },
      { timeout: 20_000 },
    )
    .toBe(true)
  expect(await control.isUnwanted({ batchId: 'other', fileId: 'other' })).toBe(false)
  expect(await alone.isUnwanted({ batchId, fileId })).toBe(false)
  await Promise.all([control.stop(), alone.stop()])
  expect(log.filter((line) => line.includes('does not say what is cancelled'))).toHaveLength(1)
})

test('a worker is told its share of the limits, keeps the last one, and says when it holds it back', async () => {
  const uid = 'limited'
  const wanted = {
    uid,
    namespace: 'shop',
    name: uid,
    topic: uid,
    consumerGroup: uid,
    partitions: 1,
    maxAttempts: 5,
    initialBackoffMs: 1,
    maxBackoffMs: 1,
    suspended: false,
  }
  const share = async (limits: { requestsPerSecond?: number; bytesPerSecond?: number } | undefined) => {
    await upsertClusterJob(served.store.db, { ...wanted, limits })
    served.advance(2_000)
  }
  const limited = async () => (await jobFigures(served.store.db, [uid], new Date()))[0]?.limitedAtMs
  const where = `/internal/jobs/${uid}/control`
  await share(undefined)
  const without = await served.get(where, { headers: bearer(uid) })
  expect(parseControl(await without.json()).limits).toBeUndefined()
  await share({ requestsPerSecond: 100 / 3 })
  const etag = without.headers.get('etag') ?? ''
  const changed = await served.get(where, { headers: { ...bearer(uid), 'if-none-match': etag } })
  expect(parseControl(await changed.json()).limits).toEqual({ requestsPerSecond: 100 / 3 })

  await share({ requestsPerSecond: 0.000_001 })
  const logger = createLogger({ level: 'silent', format: 'json', destination: process.stderr })
  const limiter = createLimiter()
  const control = startHttpControl({
    apiUrl: served.url,
    jobUid: uid,
    token: tokens.mint(uid),
    logger,
    limiter,
    intervalMs: 20,
  })
  await control.told
  expect(await limited()).toBeNull()
  await limiter.request(0)
  let isThrough = false
  const waiting = limiter.request(0).then(() => {
    isThrough = true
  })
  await expect.poll(limited, { timeout: 20_000 }).toEqual(expect.any(Number))
  await control.stop()
  // Nobody says anything any more, and what was said last holds.
  await share(undefined)
  expect(isThrough).toBe(false)
  limiter.set({})
  await waiting
})

test('nobody without the token says that a job is limited', async () => {
  const response = await fetch(`${served.url}/internal/jobs/default/limited`, { method: 'PUT' })
  expect(response.status).toBe(401)
})
