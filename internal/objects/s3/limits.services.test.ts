import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../../test/support/fault-proxy.ts'
import { describeServices, services, useBucket } from '../../../test/support/services.ts'
import { createLimiter } from '../../limits/index.ts'
import { bodyOf, freshKey, read } from '../contract/support.ts'
import { createS3ObjectStore } from './create.ts'
import type { S3ObjectStore } from './store.ts'

/** What a limit lets through at once, seconds of it. */
const burst = 0.2

describeServices('limits on a real server', () => {
  const bucket = useBucket()
  const limiter = createLimiter()
  let proxy: FaultProxy
  let stores: S3ObjectStore[] = []
  beforeAll(async () => {
    proxy = await startFaultProxy(services().s3.endpoint)
    const open = () =>
      createS3ObjectStore({ ...services().s3, endpoint: proxy.url, bucket: bucket(), limiter })
    stores = [await open(), await open()]
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await proxy[Symbol.asyncDispose]()
  })

  /** Seconds that something takes, and requests that reach the server meanwhile. */
  async function measured(work: () => Promise<unknown>): Promise<{ seconds: number; requests: number }> {
    const [started, before] = [performance.now(), proxy.seen.length]
    await work()
    return { seconds: (performance.now() - started) / 1000, requests: proxy.seen.length - before }
  }

  test('requests of all stores together keep to their rate, those that are made again too', async () => {
    const [one, other] = stores
    if (one === undefined || other === undefined) throw new Error('no stores')
    limiter.set({ requestsPerSecond: 20 })
    let refusals = 5
    proxy.faults = () => (refusals-- > 0 ? { kind: 'answer', status: 500 } : undefined)
    const { seconds, requests } = await measured(() =>
      Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : other).head(freshKey()))),
    )
    expect(requests).toBe(45)
    // A slow machine makes it longer and never shorter.
    expect(seconds).toBeGreaterThan((45 - 20 * burst - 1) / 20)
    expect(limiter.heldBack()).toBeGreaterThan(0.5)
  })

  test('bytes written and read keep to theirs, also within one object', async () => {
    const [store] = stores
    if (store === undefined) throw new Error('no store')
    const rate = 1_000_000
    const bytes = Buffer.alloc(rate, 'x')
    const key = freshKey()
    limiter.set({ bytesPerSecond: rate })
    const written = await measured(async () => {
      for (const to of [key, freshKey(), freshKey()]) await store.put(to, bodyOf(bytes))
    })
    // The first goes when the burst is full; the second waits for what it took, and the third likewise.
    expect(written.seconds).toBeGreaterThan(1.8 - burst)
    const readBack = await measured(async () => {
      expect((await read(store, key)).equals(bytes)).toBe(true)
    })
    // It pays for the third as well.
    expect(readBack.seconds).toBeGreaterThan(1.6 - burst)
    expect(readBack.requests).toBe(1)
  })

  test('a limit that goes lets those go who wait for it', async () => {
    const [store] = stores
    if (store === undefined) throw new Error('no store')
    limiter.set({ requestsPerSecond: 0.001 })
    await store.head(freshKey())
    const waiting = store.head(freshKey())
    limiter.set({})
    expect(await waiting).toBeUndefined()
  })
})
