import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../../test/support/fault-proxy.ts'
import { describeServices, services, useBucket } from '../../../test/support/services.ts'
import { bodyOf, expectCode, freshKey, read, stalledBody } from '../contract/support.ts'
import { createS3ObjectStore, type S3ObjectStoreOptions } from './create.ts'
import type { S3ObjectStore } from './store.ts'

const MiB = 1024 ** 2
const slowDown = { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' } as const

describeServices('the S3 store behind a network and a server that fail', () => {
  const bucket = useBucket()
  let proxy: FaultProxy
  let opened: S3ObjectStore[] = []
  beforeEach(async () => {
    proxy = await startFaultProxy(services().s3.endpoint)
  })
  afterEach(async () => {
    for (const store of opened) await store.close()
    opened = []
    await proxy[Symbol.asyncDispose]()
  })

  async function open(options: Partial<S3ObjectStoreOptions> = {}): Promise<S3ObjectStore> {
    const store = await createS3ObjectStore({
      ...services().s3,
      endpoint: proxy.url,
      bucket: bucket(),
      bodyIdleMs: 300,
      ...options,
    })
    opened.push(store)
    return store
  }
  const uploads = async (store: S3ObjectStore) => Array.fromAsync(store.listUploads())

  test('a store that takes few requests a second gets few, and everything is written', async () => {
    const perSecond = 40
    let second = 0
    let inSecond = 0
    const refusals: boolean[] = []
    proxy.faults = () => {
      const now = Math.floor(performance.now() / 1000)
      if (now !== second) [second, inSecond] = [now, 0]
      inSecond += 1
      refusals.push(inSecond > perSecond)
      return inSecond > perSecond ? slowDown : undefined
    }
    const store = await open({ maxAttempts: 10 })
    const keys = Array.from({ length: 400 }, () => freshKey())
    const waiting = keys.values()
    const write = async () => {
      for (const key of waiting) await store.put(key, bodyOf(key))
    }
    await Promise.all(Array.from({ length: 16 }, write))
    expect(refusals.filter((refused) => !refused)).toHaveLength(400)
    const later = refusals.slice(refusals.length / 2)
    expect(later.filter((refused) => refused).length / later.length).toBeLessThan(0.2)
    expect(await read(store, keys[399] ?? '')).toEqual(Buffer.from(keys[399] ?? ''))
  })

  test('a store that wants nothing at all is storage_throttled', async () => {
    proxy.faults = () => slowDown
    const store = await open({ maxAttempts: 2 })
    await expectCode(store.put(freshKey(), bodyOf('x')), 'storage_throttled')
    await expectCode(store.head(freshKey()), 'storage_throttled')
    expect(proxy.seen).toHaveLength(4)
  })

  test.each([
    [{ kind: 'answer', status: 500 }],
    [{ kind: 'reset' }],
    [{ kind: 'lose-reply' }],
    [slowDown],
  ] as const)('a call that fails once is tried again (%j)', async (fault) => {
    const store = await open()
    const key = freshKey()
    let failures = 0
    proxy.faults = () => (failures++ === 0 ? fault : undefined)
    await store.put(key, bodyOf('bytes'), { attributes: { metadata: { a: 'b' } } })
    failures = 0
    expect(await store.head(key)).toMatchObject({ size: 5, attributes: { metadata: { a: 'b' } } })
    failures = 0
    expect(await text((await store.get(key)).body)).toBe('bytes')
    failures = 0
    await store.delete([key])
    expect(await store.head(key)).toBeUndefined()
  })

  test('a store that cannot be reached is storage_unavailable', async () => {
    const store = await open({ maxAttempts: 2, endpoint: 'http://127.0.0.1:1' })
    await expectCode(store.put(freshKey(), bodyOf('x')), 'storage_unavailable')
    await expectCode(store.check(), 'storage_unavailable')
  })

  test('a store that does not answer is given up after its time', async () => {
    proxy.faults = () => ({ kind: 'silence' })
    const store = await open({ maxAttempts: 2, requestTimeoutMs: 200 })
    await expectCode(store.head(freshKey()), 'storage_unavailable')
    await expectCode(store.put(freshKey(), bodyOf('x')), 'storage_unavailable')
    expect(proxy.seen).toHaveLength(4)
  })

  test.each(['cut', 'stall'] as const)('a body that is %s goes on with the same object', async (kind) => {
    const store = await open()
    const key = freshKey()
    const bytes = randomBytes(3 * MiB)
    const { etag } = await store.put(key, bodyOf(bytes))
    proxy.faults = ({ method }) => (method === 'GET' ? { kind, after: MiB } : undefined)
    expect((await read(store, key)).equals(bytes)).toBe(true)
    const again = proxy.seen.filter(({ method, headers }) => method === 'GET' && headers.range !== undefined)
    expect(again.length).toBeGreaterThanOrEqual(2)
    expect(new Set(again.map(({ headers }) => headers['if-match']))).toEqual(new Set([`"${etag}"`]))

    const { info, body } = await store.get(key, { range: { start: 1000, end: 2.5 * MiB } })
    expect((await buffer(body)).equals(bytes.subarray(1000, 2.5 * MiB + 1))).toBe(true)
    expect(info.size).toBe(bytes.length)
  })

  test('a body whose object is replaced while it is cut is an error, not a mixture', async () => {
    const store = await open()
    const key = freshKey()
    await store.put(key, bodyOf(randomBytes(2 * MiB)))
    let replaced = false
    proxy.faults = ({ method }) => (method === 'GET' ? { kind: 'cut', after: MiB } : undefined)
    const { body } = await store.get(key)
    const reading = (async () => {
      for await (const _ of body) {
        if (replaced) continue
        replaced = true
        await store.put(key, bodyOf(randomBytes(2 * MiB)))
      }
    })()
    await expect(reading).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('replaced'),
    })
  })

  test('an object of several parts whose part fails leaves nothing behind', async () => {
    const store = await open({ maxAttempts: 2 })
    const key = freshKey()
    proxy.faults = ({ url }) => (url.includes('partNumber=2') ? { kind: 'answer', status: 500 } : undefined)
    await expectCode(store.put(key, bodyOf(Buffer.alloc(30 * MiB))), 'storage_unavailable')
    expect(await store.head(key)).toBeUndefined()
    expect(await uploads(store)).toEqual([])
  })

  test('an object of several parts that is aborted, cut or not what it should be leaves nothing behind', async () => {
    const store = await open()
    const key = freshKey()
    const chunks = function* (failing: boolean) {
      for (let i = 0; i < 20; i++) yield Buffer.alloc(MiB, i)
      if (failing) throw new Error('reset')
    }
    await expectCode(store.put(key, Readable.from(chunks(true))), 'upload_incomplete')
    const sha256 = 'a'.repeat(64)
    await expectCode(store.put(key, Readable.from(chunks(false)), { sha256 }), 'checksum_mismatch')
    await expectCode(store.put(key, Readable.from(chunks(false)), { size: 19 * MiB }), 'size_mismatch')
    const abort = new AbortController()
    const { body, drained } = stalledBody('x'.repeat(20 * MiB))
    const put = store.put(key, body, { signal: abort.signal })
    await drained
    abort.abort()
    await expectCode(put, 'cancelled')
    expect(await store.head(key)).toBeUndefined()
    expect(await uploads(store)).toEqual([])
  })

  test('an object of several parts whose completion is not answered may be tried again, and is there', async () => {
    const store = await open()
    const key = freshKey()
    let lost = 0
    proxy.faults = ({ method, url }) => {
      const completes = method === 'POST' && url.includes('uploadId=')
      return completes && lost++ === 0 ? { kind: 'lose-reply' } : undefined
    }
    const put = () => store.put(key, bodyOf(Buffer.alloc(20 * MiB)))
    await put().catch((error: unknown) =>
      expect(error).toMatchObject({ code: 'storage_unavailable', retryable: true }),
    )
    expect(lost).toBeGreaterThan(1)
    await put()
    expect((await store.head(key))?.size).toBe(20 * MiB)
  })

  test('put-if-absent holds for objects of several parts, and where the store knows no condition', async () => {
    const store = await open()
    const large = () => Readable.from([Buffer.alloc(20 * MiB, 'x')])
    const key = freshKey()
    await store.put(key, large(), { ifAbsent: true })
    await expectCode(store.put(key, large(), { ifAbsent: true }), 'object_exists')
    const conditional = () => proxy.seen.filter(({ headers }) => headers['if-none-match'] !== undefined)
    expect(conditional().map(({ method }) => method)).toEqual(['POST'])

    proxy.faults = ({ headers }) =>
      headers['if-none-match'] === undefined
        ? undefined
        : { kind: 'answer', status: 501, body: '<Error><Code>NotImplemented</Code></Error>' }
    for (const body of [large, () => bodyOf('small')]) {
      const fresh = freshKey()
      await store.put(fresh, body(), { ifAbsent: true })
      await expectCode(store.put(fresh, body(), { ifAbsent: true }), 'object_exists')
    }
    expect(await uploads(store)).toEqual([])
  })

  test('what an object carries is sent with one request and with parts alike', async () => {
    const store = await open()
    const attributes = {
      contentType: 'image/png',
      cacheControl: 'no-store',
      metadata: { a: 'b' },
      tags: { 'cost centre': '4/2' },
      storageClass: 'GLACIER_IR',
    }
    const key = freshKey()
    await store.put(key, bodyOf('small'), { attributes })
    await store.put(key, Readable.from([Buffer.alloc(20 * MiB)]), { attributes })
    const { uploadId } = await store.createUpload(key, { attributes })
    await store.abortUpload(key, uploadId)
    const carried = proxy.seen.filter(({ headers }) => headers['x-amz-storage-class'] !== undefined)
    expect(carried.map(({ method }) => method)).toEqual(['PUT', 'POST', 'POST'])
    for (const { headers } of carried) {
      expect(headers).toMatchObject({
        'content-type': 'image/png',
        'cache-control': 'no-store',
        'x-amz-meta-a': 'b',
        'x-amz-tagging': 'cost%20centre=4%2F2',
        'x-amz-storage-class': 'GLACIER_IR',
      })
    }
  })

  test('closing refuses new calls and waits for those under way', async () => {
    const store = await open()
    const key = freshKey()
    const put = store.put(key, bodyOf('x'))
    while (proxy.seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await store.close()
    await put
    await expectCode(store.head(key), 'shutting_down')
    await store.close()
  })
})
