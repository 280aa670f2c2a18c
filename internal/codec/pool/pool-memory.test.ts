import { describe, expect, it } from 'vitest'
import { type CompressRequest, defaultLimits } from '../request.ts'
import { poolHarness } from './fixtures/harness.ts'

const { start, file, heldFile, exits, writers, atWork } = poolHarness()

const MiB = 1024 ** 2

describe('memory', () => {
  it('ends the child that takes too much, and only that one', async () => {
    const limit = process.memoryUsage.rss() + 500 * MiB
    const pool = start({ slots: 2, memoryLimitBytes: limit, watchdogIntervalMs: 10 })
    const held = await heldFile({ facts: { class: 'unsupported_image' } })
    const innocent = pool.compress(held.request)
    await expect(
      pool.compress(await file({ act: 'hog', facts: { class: 'unsupported_image' } })),
    ).rejects.toMatchObject({ code: 'codec_out_of_memory' })
    expect(exits).toMatchObject([{ killedFor: 'memory' }])
    await held.finish()
    await expect(innocent).resolves.toBeDefined()
  })

  it('is not promised twice: a large file waits for the others, and is not overtaken while it waits', async () => {
    const limit = process.memoryUsage.rss() + 3000 * MiB
    const pool = start({ slots: 3, memoryLimitBytes: limit })
    const jpeg = (width: number) => ({ class: 'image' as const, type: 'image/jpeg', width, height: 10_000 })
    const limits = { ...defaultLimits, maxPixels: 1e9 }
    const small = await heldFile({ facts: jpeg(4000) })
    const large = await heldFile({ facts: jpeg(17_000) })
    const tiny = await heldFile({ facts: jpeg(1) })
    const order: string[] = []
    const compress = async (name: string, request: CompressRequest) => {
      await pool.compress({ ...request, limits })
      order.push(name)
    }
    const first = compress('small', small.request)
    await atWork(1)
    const second = compress('large', large.request)
    await expect.poll(() => pool.stats()).toMatchObject({ busy: 1, waiting: 1 })
    const third = compress('tiny', tiny.request)
    await expect.poll(() => pool.stats()).toMatchObject({ busy: 1, waiting: 2 })
    expect(await writers()).toHaveLength(1)
    await small.finish()
    await first
    await large.finish()
    await second
    await tiny.finish()
    await third
    expect(order).toEqual(['small', 'large', 'tiny'])
  })

  it('that no worker has is refused before anything is decoded', async () => {
    const pool = start({ memoryLimitBytes: process.memoryUsage.rss() + 1000 * MiB })
    const facts = { class: 'image' as const, type: 'image/jpeg', width: 30_000, height: 10_000 }
    const request = await file({ act: 'abort', facts })
    const limits = { ...defaultLimits, maxPixels: 1e9 }
    await expect(pool.compress({ ...request, limits })).rejects.toMatchObject({
      code: 'too_large_for_worker',
      message: expect.stringContaining(request.name),
    })
    // Over the limit of pixels it is the codec that refuses, with the code that says so.
    await expect(pool.compress({ ...request })).rejects.toMatchObject({ code: 'codec_crashed' })
  })
})
