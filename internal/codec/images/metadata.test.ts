import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { fixtures, tags } from '../../../test/fixtures/index.ts'
import { seen } from '../../../test/fixtures/seen.ts'
import { useWorkspace } from '../../../test/fixtures/workspace.ts'
import { blankGps, readExifRights, withoutExifPrefix, writeExif } from './exif.ts'
import { looksEqual } from './raster.ts'

/** Coordinates as they stand in the fixture's EXIF and XMP. */
const position = ['GPSLatitude', '51,30.538N']
const latitude = Buffer.from([51, 0, 0, 0, 1, 0, 0, 0, 30, 0, 0, 0, 1, 0, 0, 0])

function holdsPosition(file: Buffer): boolean {
  return file.includes(latitude) || position.some((text) => file.includes(text))
}

describe('metadata', () => {
  const { compress } = useWorkspace()
  const formats = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const
  /** Options under which the file is certainly encoded anew, or certainly stays. */
  const ways = [
    ['of outputs', { images: { quality: 40 }, minSavingsPercent: 0 }],
    ['of originals that stay', { images: { quality: 100 }, minSavingsPercent: 99 }],
  ] as const

  it('of the fixtures is where these tests look for it', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
      const file = await fixtures.tagged({ format })
      expect(file.includes(latitude), format).toBe(true)
      expect(file.includes(tags.camera), format).toBe(true)
    }
  })

  describe.each(ways)('%s', (_, options) => {
    it.each(formats)(
      'keeps author and copyright, not the position or the camera, under Copyright: %s',
      async (format) => {
        const trial = await compress(await fixtures.tagged({ format }), options)
        expect(holdsPosition(trial.file)).toBe(false)
        expect(trial.file.includes(tags.camera)).toBe(false)
        expect(trial.file.includes(tags.xmpRights)).toBe(true)
        if (format === 'tiff') return // States its rights as XMP.
        const { exif } = await sharp(trial.file).metadata()
        expect(exif && readExifRights(exif)).toEqual({ artist: tags.artist, copyright: tags.copyright })
      },
    )

    it.each(formats)('goes altogether under Strip: %s', async (format) => {
      const trial = await compress(await fixtures.tagged({ format }), {
        ...options,
        images: { ...options.images, metadata: 'Strip' },
      })
      expect(holdsPosition(trial.file)).toBe(false)
      for (const text of [tags.camera, tags.artist, tags.copyright, tags.xmpRights]) {
        expect(trial.file.includes(text), text).toBe(false)
      }
    })

    it.each(formats)('stays altogether under Keep: %s', async (format) => {
      const trial = await compress(await fixtures.tagged({ format }), {
        ...options,
        images: { ...options.images, metadata: 'Keep' },
      })
      const { exif, xmp, icc } = await sharp(trial.file).metadata()
      expect(xmp?.includes(tags.xmpRights)).toBe(true)
      expect(icc?.length).toBeGreaterThan(100)
      if (format !== 'tiff') expect(exif?.includes(tags.camera)).toBe(true)
      if (format !== 'tiff') expect(trial.file.includes(latitude)).toBe(true)
    })
  })

  it.each(['JPEG', 'WebP', 'AVIF', 'PNG'] as const)(
    'says upright under Keep once the pixels are: %s',
    async (format) => {
      const original = await fixtures.tagged({ format: 'jpeg', quality: 100, orientation: 6 })
      const trial = await compress(original, {
        images: { format, metadata: 'Keep', resize: { maxWidth: 120 } },
      })
      const { orientation = 1, exif } = await sharp(trial.file).metadata()
      expect(orientation).toBe(1)
      const raster = await seen(trial.file)
      expect(exif?.includes(tags.camera)).toBe(true)
      expect([raster.width, raster.height]).toEqual([120, 160])
    },
  )

  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)(
    'leaves an original without changing how it looks: %s',
    async (format) => {
      const original = await fixtures.tagged({ format, orientation: 8 })
      const trial = await compress(original, { images: { metadata: 'Strip' }, minSavingsPercent: 99 })
      expect(trial.outcome).toBe('kept_original')
      expect(trial.file.equals(original)).toBe(false)
      expect(looksEqual(await seen(trial.file), await seen(original))).toBe(true)
      expect((await sharp(trial.file).metadata()).icc?.length).toBeGreaterThan(100)
    },
  )

  it('that alone is worth the minimum saving makes a compressed file without loss', async () => {
    const original = await fixtures.tagged({ width: 16, height: 16, quality: 60 })
    const trial = await compress(original, { minSavingsPercent: 20 })
    expect(trial).toMatchObject({ outcome: 'compressed', bytesOut: trial.file.length })
    expect(looksEqual(await seen(trial.file), await seen(original))).toBe(true)
  })

  it('keeps the text chunks of a PNG under Keep only', async () => {
    const plain = await fixtures.photo({ format: 'png' })
    const original = Buffer.concat([plain.subarray(0, 33), textChunk, plain.subarray(33)])
    for (const [metadata, kept] of [
      ['Keep', true],
      ['Copyright', false],
    ] as const) {
      const trial = await compress(original, { images: { metadata, preset: 'Small' }, minSavingsPercent: 0 })
      expect(trial.file.includes('Rendered by hand')).toBe(kept)
    }
  })

  it('writes names in any script', async () => {
    const rights = { artist: 'Zoë 日本', copyright: '© Zoë' }
    const exif = writeExif(rights)
    expect(exif && readExifRights(exif)).toEqual(rights)
  })

  it('loses its position in place, and nothing else, where a directory must stay', async () => {
    const { exif = Buffer.alloc(0) } = await sharp(await fixtures.tagged()).metadata()
    const tiff = Buffer.from(withoutExifPrefix(exif))
    expect(tiff.includes(latitude)).toBe(true)
    expect(blankGps(tiff)).toBe(true)
    expect(tiff.includes(latitude)).toBe(false)
    expect(readExifRights(tiff)).toEqual({ artist: tags.artist, copyright: tags.copyright })
  })

  it('survives blobs that are damaged', () => {
    const whole = writeExif({ artist: 'someone with a long name', orientation: 3 }) ?? Buffer.alloc(0)
    for (let length = 0; length < whole.length; length++) {
      expect(() => readExifRights(whole.subarray(0, length))).not.toThrow()
    }
  })
})

/** tEXt "Comment: Rendered by hand". */
const textChunk = (() => {
  const data = Buffer.from('Comment\0Rendered by hand', 'latin1')
  return fixtures.pngChunk('tEXt', data)
})()
