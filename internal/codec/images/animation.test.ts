import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { fixtures, photoPixels } from '../../../test/fixtures/index.ts'
import { seen } from '../../../test/fixtures/seen.ts'
import { useWorkspace } from '../../../test/fixtures/workspace.ts'
import { looksEqual } from './raster.ts'

const delays = [40, 50, 60, 70, 80, 90]

describe('animations', () => {
  const { compress } = useWorkspace()

  it.each(['Keep', 'JPEG', 'AVIF', 'PNG'] as const)(
    'of GIF stay GIF when the format is %s',
    async (format) => {
      const original = await fixtures.animated({ width: 200, height: 150 })
      const trial = await compress(original, { images: { format }, minSavingsPercent: 0 })
      expect(trial.type).toBe('image/gif')
      expect(trial.outputs[0]?.type).toBe('image/gif')
      expect(await sharp(trial.file, { animated: true }).metadata()).toMatchObject({
        pages: 6,
        loop: 3,
        delay: delays,
      })
      expect(looksEqual(await seen(trial.file), await seen(original))).toBe(true)
    },
  )

  it.each(['WebP', 'Auto'] as const)(
    'of GIF become animated WebP with every frame, delay and the loop as %s',
    async (format) => {
      const original = await fixtures.animated({ width: 200, height: 150 })
      const trial = await compress(original, { images: { format }, minSavingsPercent: 0 })
      expect(trial.outputs[0]).toMatchObject({ type: 'image/webp', width: 200, height: 150 })
      expect(trial.input).toMatchObject({ frames: 6 })
      expect(await sharp(trial.file, { animated: true }).metadata()).toMatchObject({
        pages: 6,
        loop: 3,
        delay: delays,
      })
      expect(looksEqual(await seen(trial.file), await seen(original))).toBe(true)
    },
  )

  it('of WebP stay animated whatever still format is asked for', async () => {
    const original = await fixtures.animated({ format: 'webp', width: 200, height: 150 })
    for (const format of ['Keep', 'JPEG', 'AVIF'] as const) {
      const trial = await compress(original, { images: { format } })
      expect(await sharp(trial.file, { animated: true }).metadata()).toMatchObject({
        format: 'webp',
        pages: 6,
      })
    }
  })

  it('do not become a still image because all their frames are the same', async () => {
    const original = await fixtures.animated({ step: 0, width: 200, height: 150 })
    const trial = await compress(original, { images: { format: 'WebP' } })
    expect(await sharp(trial.file, { animated: true }).metadata()).toMatchObject({ format: 'gif', pages: 6 })
  })

  /** Four photographs, 120 x 90, of which the second repeats the first. */
  async function film(): Promise<Buffer> {
    const { data, width } = await photoPixels({ width: 120, height: 360 })
    data.copy(data, data.length / 4, 0, data.length / 4)
    const raw = { width, height: 360, channels: 3, pageHeight: 90 } as const
    return await sharp(data, { raw })
      .gif({ loop: 2, delay: [70, 80, 90, 100], keepDuplicateFrames: true })
      .toBuffer()
  }

  it('resize with all their frames, repeated ones too', async () => {
    const trial = await compress(await film(), { images: { resize: { maxWidth: 60 } } })
    expect(trial.outputs[0]).toMatchObject({ type: 'image/gif', width: 60, height: 45 })
    expect(await sharp(trial.file, { animated: true }).metadata()).toMatchObject({
      width: 60,
      pageHeight: 45,
      pages: 4,
      loop: 2,
      delay: [70, 80, 90, 100],
    })
  })

  it.each(['Keep', 'WebP'] as const)('keep delays longer than a minute as %s', async (format) => {
    const original = await film()
    // The third frame's graphic control extension, in hundredths of a second.
    const control = Buffer.from([0x21, 0xf9, 4])
    let at = -1
    for (let frame = 0; frame < 3; frame++) at = original.indexOf(control, at + 1)
    original.writeUInt16LE(7000, at + 4)
    const trial = await compress(original, { images: { format, resize: { maxWidth: 60 } } })
    expect(trial.outputs[0]).toMatchObject({ width: 60 })
    expect((await sharp(trial.file, { animated: true }).metadata()).delay).toContain(70_000)
  })

  it('count against the pixel limit with all their frames', async () => {
    const original = await fixtures.animated({ width: 100, height: 100, frames: 12 })
    await expect(compress(original, { limits: { maxPixels: 100_000 } })).rejects.toMatchObject({
      code: 'too_many_pixels',
      message: expect.stringContaining('12 frames'),
    })
  })

  it('of which the end is missing fail as truncated_input', async () => {
    for (const format of ['gif', 'webp'] as const) {
      const cut = fixtures.truncated(await fixtures.animated({ format, width: 200, height: 150 }))
      await expect(compress(cut), format).rejects.toMatchObject({ code: 'truncated_input' })
    }
  })

  it('in the form of TIFF pages stay together', async () => {
    const pages = await sharp(await fixtures.animated({ format: 'webp' }), { animated: true })
      .tiff({ compression: 'none' })
      .toBuffer()
    const trial = await compress(pages, { images: { format: 'WebP' } })
    expect(trial.outcome).toBe('compressed')
    expect(await sharp(trial.file, { animated: true }).metadata()).toMatchObject({ format: 'tiff', pages: 6 })
    expect(looksEqual(await seen(trial.file), await seen(pages))).toBe(true)
  })
})
