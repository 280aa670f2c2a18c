import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corners, fixtures } from '../../../test/fixtures/index.ts'
import { colourAt, difference, meanDifference, seen } from '../../../test/fixtures/seen.ts'
import { useWorkspace } from '../../../test/fixtures/workspace.ts'
import { looksEqual } from './raster.ts'

describe('pixels of compressed images', () => {
  const { compress } = useWorkspace()

  describe.each([
    [{ format: 'JPEG', quality: 80 }],
    [{ format: 'WebP' }],
    [{ format: 'AVIF' }],
    [{ format: 'WebP', metadata: 'Keep' }],
  ] as const)('as %o', (images) => {
    it.each([1, 2, 3, 4, 5, 6, 7, 8])('stand upright with EXIF orientation %i', async (orientation) => {
      const trial = await compress(await fixtures.oriented(orientation), { images, minSavingsPercent: 0 })
      expect(trial.input).toMatchObject({ width: 96, height: 64 })
      const raster = await seen(trial.file)
      expect([raster.width, raster.height]).toEqual([96, 64])
      for (const [corner, x, y] of [
        ['topLeft', 0.2, 0.2],
        ['topRight', 0.8, 0.2],
        ['bottomLeft', 0.2, 0.8],
        ['bottomRight', 0.8, 0.8],
      ] as const) {
        expect(difference(colourAt(raster, x, y), corners[corner]), corner).toBeLessThan(16)
      }
    })
  })

  it('keep the orientation of an original that stays, without its other metadata', async () => {
    const original = await fixtures.tagged({ orientation: 6, quality: 60 })
    const trial = await compress(original, { minSavingsPercent: 50 })
    expect(trial).toMatchObject({ outcome: 'kept_original', reason: 'already_compressed' })
    expect(trial.file.length).toBeLessThan(original.length)
    expect((await sharp(trial.file).metadata()).orientation).toBe(6)
    expect(looksEqual(await seen(trial.file), await seen(original))).toBe(true)
  })

  it.each(['Auto', 'PNG'] as const)(
    'have the same alpha and visible colours in a graphic as %s',
    async (format) => {
      const original = await fixtures.alphaGraphic()
      const trial = await compress(original, { images: { format }, minSavingsPercent: 0 })
      expect(trial.outcome).toBe('compressed')
      expect(looksEqual(await seen(trial.file), await seen(original))).toBe(true)
    },
  )

  it.each(['WebP', 'AVIF', 'Auto'] as const)(
    'keep the transparency of a photograph as %s',
    async (format) => {
      const original = await fixtures.alphaPhoto()
      const trial = await compress(original, { images: { format } })
      expect(trial.outcome).toBe('compressed')
      const [before, after] = [await seen(original), await seen(trial.file)]
      expect(after.channels).toBe(4)
      for (const [x, y] of [
        [0.01, 0.01],
        [0.5, 0.5],
        [0.15, 0.5],
      ] as const) {
        const at = (Math.floor(y * before.height) * before.width + Math.floor(x * before.width)) * 4 + 3
        expect(Math.abs((before.data[at] ?? 0) - (after.data[at] ?? 0))).toBeLessThanOrEqual(3)
      }
    },
  )

  it('lie on white where an explicitly requested JPEG loses transparency', async () => {
    const trial = await compress(await fixtures.alphaPhoto(), { images: { format: 'JPEG' } })
    expect(trial.outputs[0]?.type).toBe('image/jpeg')
    expect(difference(colourAt(await seen(trial.file), 0.01, 0.01), [255, 255, 255])).toBeLessThan(6)
  })

  it('never lose transparency to a format nobody asked for', async () => {
    for (const format of ['png', 'webp', 'avif'] as const) {
      const trial = await compress(await fixtures.alphaPhoto({ format }), { images: { format: 'Auto' } })
      expect(await sharp(trial.file).metadata()).toMatchObject({ hasAlpha: true })
    }
  })

  it.each(['png', 'jpeg'] as const)('turn Display P3 in %s into the same colour in sRGB', async (format) => {
    const original = await fixtures.displayP3({ format })
    const trial = await compress(original, { images: { format: 'WebP' }, minSavingsPercent: 0 })
    const metadata = await sharp(trial.file).metadata()
    expect(metadata.hasProfile).toBe(false)
    expect(difference(colourAt(await seen(trial.file), 0.5, 0.5), [200, 40, 40])).toBeLessThan(5)
  })

  it.each(['JPEG', 'WebP', 'AVIF', 'PNG'] as const)(
    'keep the P3 profile and its numbers with metadata Keep as %s',
    async (format) => {
      const original = await fixtures.displayP3({ format: 'tiff', width: 96, height: 96 })
      const trial = await compress(original, { images: { format, metadata: 'Keep' } })
      const [before, after] = [await sharp(original).metadata(), await sharp(trial.file).metadata()]
      expect(after.icc?.equals(before.icc ?? Buffer.alloc(0))).toBe(true)
      // Without the profile applied these are P3 numbers, which differ from sRGB's.
      const raw = await sharp(trial.file, { ignoreIcc: true }).raw().toBuffer()
      expect(difference([raw[0] ?? 0, raw[1] ?? 0, raw[2] ?? 0], [185, 53, 47])).toBeLessThan(6)
    },
  )

  it.each(['Copyright', 'Keep'] as const)(
    'leave CMYK for RGB that looks the same (metadata %s)',
    async (metadata) => {
      const original = await fixtures.cmykJpeg()
      const trial = await compress(original, { images: { metadata, quality: 90 } })
      expect(trial.outcome).toBe('compressed')
      const after = await sharp(trial.file).metadata()
      expect(after).toMatchObject({ space: 'srgb', channels: 3 })
      expect(meanDifference(await seen(trial.file), await seen(original))).toBeLessThan(6)
    },
  )

  it.each(['png', 'tiff'] as const)('keep all 16 bits of %s', async (format) => {
    const original = await fixtures.png16({ format })
    const trial = await compress(original, { minSavingsPercent: 0 })
    expect(trial.outcome).toBe('compressed')
    expect((await sharp(trial.file).metadata()).depth).toBe('ushort')
    const samples = async (file: Buffer) =>
      await sharp(file).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer()
    expect((await samples(trial.file)).equals(await samples(original))).toBe(true)
  })

  it('keep 16 bits under Auto, which may choose', async () => {
    const trial = await compress(await fixtures.png16(), { images: { format: 'Auto' }, minSavingsPercent: 0 })
    expect(await sharp(trial.file).metadata()).toMatchObject({ format: 'png', depth: 'ushort' })
  })

  it('turn 16 bits with a profile into the right 8-bit colours', async () => {
    const wide = await sharp(await fixtures.displayP3({ width: 32, height: 32 }))
      .toColourspace('rgb16')
      .withIccProfile('p3')
      .png()
      .toBuffer()
    expect(await sharp(wide).metadata()).toMatchObject({ depth: 'ushort', hasProfile: true })
    for (const format of ['JPEG', 'PNG', 'WebP'] as const) {
      const trial = await compress(wide, { images: { format }, minSavingsPercent: 0 })
      expect(difference(colourAt(await seen(trial.file), 0.5, 0.5), [200, 40, 40]), format).toBeLessThan(6)
    }
  })

  it('stay grey in one channel', async () => {
    const trial = await compress(await fixtures.grey({ width: 640, height: 480 }))
    expect(trial.outcome).toBe('compressed')
    expect(await sharp(trial.file).metadata()).toMatchObject({ space: 'b-w', channels: 1 })
  })

  it('equal the original in every lossless output', async () => {
    for (const original of [await fixtures.graphic(), await fixtures.photo({ format: 'tiff' })]) {
      const trial = await compress(original, { minSavingsPercent: 0 })
      expect(trial.outcome).toBe('compressed')
      expect(trial.outputs[0]?.quality).toBeUndefined()
      expect(looksEqual(await seen(trial.file), await seen(original))).toBe(true)
    }
  })

  it('are deterministic to the byte', async () => {
    const original = await fixtures.photo({ format: 'png', seed: 5 })
    for (const format of ['JPEG', 'WebP', 'AVIF', 'PNG'] as const) {
      const [first, second] = [
        await compress(original, { images: { format }, minSavingsPercent: 0 }),
        await compress(original, { images: { format }, minSavingsPercent: 0 }),
      ]
      expect(second.file.equals(first.file), format).toBe(true)
      expect(second.outputs[0]?.sha256).toBe(first.outputs[0]?.sha256)
    }
  })
})
