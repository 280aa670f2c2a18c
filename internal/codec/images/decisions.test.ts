import { describe, expect, it } from 'vitest'
import { fixtures } from '../../../test/fixtures/index.ts'
import { seen } from '../../../test/fixtures/seen.ts'
import { useWorkspace } from '../../../test/fixtures/workspace.ts'
import { measureScore } from '../quality/index.ts'
import { toRgb } from './raster.ts'

describe('what comes of an image', () => {
  const { compress } = useWorkspace()
  const size = { width: 640, height: 480 }

  it.each(['JPEG', 'WebP', 'AVIF'] as const)('is a %s near the score asked for', async (format) => {
    const original = await fixtures.photo({ ...size, format: 'png' })
    const trial = await compress(original, { images: { format, targetQuality: 80 } })
    const [output] = trial.outputs
    expect(output?.quality).toBeGreaterThan(30)
    expect(output?.score).toBeGreaterThan(76)
    const measured = measureScore({
      reference: toRgb(await seen(original)),
      candidate: toRgb(await seen(trial.file)),
    })
    expect(Math.abs(measured - 80)).toBeLessThan(6)
  })

  it('costs more bytes for a higher target', async () => {
    const original = await fixtures.photo({ ...size, format: 'png' })
    const bytes = []
    for (const targetQuality of [65, 75, 85]) {
      bytes.push(
        (await compress(original, { images: { format: 'WebP', targetQuality, minScore: 50 } })).file.length,
      )
    }
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b))
    expect(new Set(bytes).size).toBe(3)
  })

  it('has the quality that was fixed, and no score nobody measured', async () => {
    const trial = await compress(await fixtures.photo({ ...size, quality: 95 }), { images: { quality: 61 } })
    expect(trial.outputs[0]).toMatchObject({ quality: 61, type: 'image/jpeg' })
    expect(trial.outputs[0]).not.toHaveProperty('score')
  })

  it('comes without a search from the Fast preset', async () => {
    const trial = await compress(await fixtures.photo({ ...size, quality: 95 }), {
      images: { preset: 'Fast' },
    })
    expect(trial.outcome).toBe('compressed')
    expect(trial.outputs[0]).not.toHaveProperty('score')
  })

  it.each([40, 60, 75])('stays the original for a JPEG of quality %i', async (quality) => {
    const trial = await compress(await fixtures.photo({ ...size, quality }))
    expect(trial).toMatchObject({ outcome: 'kept_original', reason: 'already_compressed' })
  })

  it('stays the original for a JPEG already as coarse as the fixed quality', async () => {
    const original = await fixtures.photo({ ...size, quality: 70 })
    expect(await compress(original, { images: { quality: 80 } })).toMatchObject({
      reason: 'already_compressed',
    })
    expect(await compress(original, { images: { quality: 40 } })).toMatchObject({ outcome: 'compressed' })
  })

  it('is never bigger: a file that only grows stays byte for byte', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif'] as const) {
      for (const asked of ['Keep', 'Auto', 'JPEG', 'WebP', 'AVIF', 'PNG'] as const) {
        const original = await fixtures.photo({ width: 60, height: 40, format, quality: 30 })
        const trial = await compress(original, { images: { format: asked }, minSavingsPercent: 0 })
        expect(trial.file.length, `${format} as ${asked}`).toBeLessThanOrEqual(original.length)
        expect(trial.bytesOut).toBeLessThanOrEqual(trial.bytesIn)
      }
    }
  })

  it('is discarded when it saves less than asked', async () => {
    const original = await fixtures.photo({ ...size, quality: 95 })
    const saved = await compress(original)
    expect(saved.outcome).toBe('compressed')
    const percent = Math.ceil((1 - saved.bytesOut / saved.bytesIn) * 100) + 1
    expect(await compress(original, { minSavingsPercent: percent })).toMatchObject({
      outcome: 'kept_original',
      reason: 'savings_below_minimum',
    })
  })

  it('fits in maxBytes by a lower quality', async () => {
    const original = await fixtures.photo({ ...size, format: 'png' })
    const free = await compress(original, { images: { format: 'JPEG', quality: 90 } })
    const maxBytes = Math.floor(free.file.length / 3)
    const trial = await compress(original, { images: { format: 'JPEG', quality: 90, maxBytes } })
    expect(trial.file.length).toBeLessThanOrEqual(maxBytes)
    expect(trial.file.length).toBeGreaterThan(maxBytes * 0.8)
    expect(trial.outputs[0]?.quality).toBeLessThan(90)
  })

  it('fails as max_bytes_unreachable when only a score below minScore fits', async () => {
    const original = await fixtures.photo({ ...size, format: 'png' })
    const images = { format: 'JPEG', maxBytes: 9000 } as const
    await expect(compress(original, { images })).rejects.toMatchObject({ code: 'max_bytes_unreachable' })
    const low = await compress(original, { images: { ...images, minScore: 0, targetQuality: 75 } })
    expect(low.file.length).toBeLessThanOrEqual(9000)
  })

  it('turns lossy under Auto when lossless does not fit in maxBytes', async () => {
    const original = await fixtures.alphaPhoto(size)
    const trial = await compress(original, { images: { format: 'Auto', maxBytes: 80_000, minScore: 30 } })
    expect(trial.outputs[0]?.type).toBe('image/webp')
    expect(trial.file.length).toBeLessThanOrEqual(80_000)
  })

  it('stays the original when nothing reaches minScore', async () => {
    // Single-pixel colour noise: nothing halved in colour resolution looks like it.
    const original = await fixtures.noise({ format: 'png' })
    const trial = await compress(original, { images: { format: 'WebP', targetQuality: 95, minScore: 95 } })
    expect(trial).toMatchObject({ outcome: 'kept_original', reason: 'below_min_score' })
  })

  it('shrinks to fit and never grows', async () => {
    const original = await fixtures.photo({ ...size, quality: 95 })
    const smaller = await compress(original, { images: { resize: { maxWidth: 400, maxHeight: 200 } } })
    expect(smaller.outputs[0]).toMatchObject({ width: 267, height: 200 })
    const raster = await seen(smaller.file)
    expect([raster.width, raster.height]).toEqual([267, 200])
    const larger = await compress(original, { images: { resize: { maxWidth: 4000 } } })
    expect(larger.outputs[0]).toMatchObject(size)
  })

  it('is not bigger for being resized: the quality gives way', async () => {
    const original = await fixtures.photo({ ...size, quality: 40 })
    const trial = await compress(original, { images: { quality: 95, resize: { maxWidth: 630 } } })
    expect(trial.outputs[0]).toMatchObject({ width: 630 })
    expect(trial.outputs[0]?.quality).toBeLessThan(90)
    expect(trial.file.length).toBeLessThan(original.length)
  })

  it('is resized even when the original is already compressed', async () => {
    const original = await fixtures.photo({ ...size, quality: 50 })
    const trial = await compress(original, { images: { resize: { maxWidth: 320 } } })
    expect(trial).toMatchObject({ outcome: 'compressed' })
    expect(trial.outputs[0]).toMatchObject({ width: 320, height: 240 })
  })

  it.each([
    ['photographs AVIF', 'photo', 'png', 'image/avif'],
    ['JPEG photographs AVIF', 'photo', 'jpeg', 'image/avif'],
    ['graphics lossless WebP', 'graphic', 'png', 'image/webp'],
    ['graphics with alpha lossless WebP', 'alphaGraphic', 'png', 'image/webp'],
    ['photographs with alpha near-lossless WebP', 'alphaPhoto', 'png', 'image/webp'],
  ] as const)('makes %s under Auto', async (_, kind, format, type) => {
    const trial = await compress(await fixtures[kind]({ ...size, format, quality: 95 }), {
      images: { format: 'Auto' },
    })
    expect(trial.outcome).toBe('compressed')
    expect(trial.outputs[0]?.type).toBe(type)
  })

  it('is smaller from Small than from Fast', async () => {
    const original = await fixtures.graphic({ ...size, format: 'png' })
    const [fast, small] = [
      await compress(original, { images: { preset: 'Fast' }, minSavingsPercent: 0 }),
      await compress(original, { images: { preset: 'Small' }, minSavingsPercent: 0 }),
    ]
    expect(small.file.length).toBeLessThanOrEqual(fast.file.length)
  })
})

describe('broken images', () => {
  const { compress } = useWorkspace()

  it.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)(
    'cut in half fail as truncated_input: %s',
    async (format) => {
      const cut = fixtures.truncated(await fixtures.photo({ format }))
      await expect(compress(cut, { name: 'cut.jpg' })).rejects.toMatchObject({
        code: 'truncated_input',
        message: expect.stringContaining('cut.jpg'),
      })
    },
  )

  it('cut in half fail even when they would be kept unread', async () => {
    const cut = fixtures.truncated(await fixtures.photo({ quality: 50 }))
    await expect(compress(cut)).rejects.toMatchObject({ code: 'truncated_input' })
  })

  it.each(['png', 'avif', 'gif'] as const)('damaged inside fail as corrupt_input: %s', async (format) => {
    await expect(compress(fixtures.corrupt(await fixtures.photo({ format })))).rejects.toMatchObject({
      code: 'corrupt_input',
    })
  })

  it.each(['png', 'gif', 'jpeg'] as const)(
    'that declare 3,600 megapixels fail without being decoded: %s',
    async (format) => {
      const before = process.memoryUsage().rss
      await expect(compress(fixtures.bomb(format))).rejects.toMatchObject({ code: 'too_many_pixels' })
      expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
    },
  )
})
