import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { colourAt, difference, seen } from '../../../test/fixtures/seen.ts'
import { type TrialOptions, useWorkspace } from '../../../test/fixtures/workspace.ts'
import { looksEqual } from './raster.ts'

/** Real images, which are not part of the repository. */
const corpus = resolve(
  process.env.KOMPRESSOR_CORPUS ?? join(import.meta.dirname, '../../../../shared/corpus'),
)
const present = existsSync(join(corpus, 'edge'))
if (!present)
  console.warn(
    `SKIPPED: no corpus at ${corpus}; set KOMPRESSOR_CORPUS to a folder with edge/, photos/, kodak/`,
  )

interface Expectation {
  outcome?: 'compressed' | 'kept_original' | 'skipped'
  reason?: string
  /** The error's code, when the file fails. */
  code?: string
  /** Media type of the output. */
  type?: string
  /** Displayed size of one frame, from the output's own pixels. */
  size?: [number, number]
  frames?: number
  alpha?: boolean
  /** Every visible pixel is the original's. */
  exact?: boolean
}

/** What the defaults make of each file. */
const keep: Record<string, Expectation> = {
  '16-bit-grey-alpha.png': {
    outcome: 'compressed',
    type: 'image/png',
    size: [109, 96],
    alpha: true,
    exact: true,
  },
  'Channel_digital_image_CMYK_color.jpg': { outcome: 'compressed', type: 'image/jpeg', size: [500, 333] },
  'Crash_test.gif': { outcome: 'kept_original', reason: 'savings_below_minimum', exact: true },
  'Flag_of_the_Netherlands-16bit.png': {
    outcome: 'compressed',
    type: 'image/png',
    size: [900, 600],
    exact: true,
  },
  'Landscape_6.jpg': { outcome: 'compressed', type: 'image/jpeg', size: [600, 450] },
  'Portrait_5.jpg': { outcome: 'compressed', type: 'image/jpeg', size: [450, 600] },
  'alpha-premultiply-1024x768-paper.png': {
    outcome: 'compressed',
    size: [1024, 768],
    alpha: true,
    exact: true,
  },
  'animated-loop-3.webp': { outcome: 'kept_original', reason: 'already_compressed', frames: 10, alpha: true },
  'big-height.webp': { outcome: 'kept_original', frames: 97, size: [13, 169], exact: true },
  'check.svg': { outcome: 'compressed', type: 'application/zstd' },
  'corrupt-header.jpg': { code: 'truncated_input' },
  'full-transparent.png': { outcome: 'kept_original', size: [300, 300], alpha: true, exact: true },
  'gain-map.jpg': { outcome: 'compressed', type: 'image/jpeg', size: [3840, 2160] },
  'p3.png': { outcome: 'compressed', type: 'image/png', size: [8, 8], alpha: true },
  'pitm.avif': { outcome: 'kept_original', reason: 'already_compressed', size: [4096, 800], exact: true },
  'rotating-squares.gif': {
    outcome: 'compressed',
    type: 'image/gif',
    frames: 30,
    size: [80, 80],
    exact: true,
  },
  'truncated.jpg': { code: 'truncated_input' },
  'truncated.png': { code: 'truncated_input' },
  'uncompressed_tiff.tiff': { outcome: 'compressed', type: 'image/tiff', size: [246, 345], exact: true },
}

/** Where Auto differs. */
const auto: Record<string, Expectation> = {
  '16-bit-grey-alpha.png': { outcome: 'compressed', type: 'image/png', alpha: true, exact: true },
  'Channel_digital_image_CMYK_color.jpg': { outcome: 'compressed', type: 'image/avif', size: [500, 333] },
  'Landscape_6.jpg': { outcome: 'compressed', type: 'image/avif', size: [600, 450] },
  'Portrait_5.jpg': { outcome: 'compressed', type: 'image/avif', size: [450, 600] },
  'alpha-premultiply-1024x768-paper.png': { outcome: 'compressed', type: 'image/webp', alpha: true },
  'animated-loop-3.webp': { outcome: 'kept_original', frames: 10, alpha: true },
  'full-transparent.png': { outcome: 'compressed', type: 'image/webp', alpha: true, exact: true },
  'gain-map.jpg': { outcome: 'compressed', type: 'image/jpeg' },
  // 21 of its 30 frames repeat the one before; WebP shows those 9 pictures for as long.
  'rotating-squares.gif': { outcome: 'compressed', type: 'image/webp', size: [80, 80], frames: 9 },
  'uncompressed_tiff.tiff': { outcome: 'compressed', type: 'image/avif' },
}

describe.skipIf(!present)('the corpus', () => {
  const { compressPath } = useWorkspace()
  const edge = (name: string) => join(corpus, 'edge', name)

  async function check(name: string, options: TrialOptions, expected: Expectation) {
    const run = compressPath(edge(name), { ...options, name })
    if (expected.code !== undefined) {
      await expect(run).rejects.toMatchObject({ code: expected.code, message: expect.stringContaining(name) })
      return
    }
    const trial = await run
    expect(trial).toMatchObject({
      outcome: expected.outcome,
      ...(expected.reason && { reason: expected.reason }),
    })
    expect(trial.bytesOut).toBeLessThanOrEqual(trial.bytesIn)
    const [output] = trial.outputs
    if (expected.type) expect(output?.type).toBe(expected.type)
    if (output?.type.startsWith('image/') !== true) return
    const { pages = 1 } = await sharp(trial.file).metadata()
    const raster = await seen(trial.file)
    if (expected.size) expect([raster.width, raster.height / (expected.frames ?? 1)]).toEqual(expected.size)
    if (expected.size) expect([output.width, output.height]).toEqual(expected.size)
    if (expected.frames) expect(pages).toBe(expected.frames)
    if (expected.alpha) expect(raster.channels).toBe(4)
    if (expected.exact) expect(looksEqual(raster, await seen(await readFile(edge(name))))).toBe(true)
    if (output.score !== undefined) expect(output.score).toBeGreaterThanOrEqual(65)
  }

  it('has no edge file without an expectation', async () => {
    expect((await readdir(join(corpus, 'edge'))).toSorted()).toEqual(Object.keys(keep).toSorted())
  })

  it.each(Object.keys(keep))('edge/%s comes out as it should', async (name) => {
    await check(name, {}, keep[name] ?? {})
  })

  it.each(Object.keys(auto))('edge/%s comes out as it should under Auto', async (name) => {
    await check(name, { images: { format: 'Auto' } }, auto[name] ?? {})
  })

  it('keeps the HDR gain map, or the whole file', async () => {
    const carried = await compressPath(edge('gain-map.jpg'))
    expect((await sharp(carried.file).metadata()).gainMap).toBeDefined()
    const kept = await compressPath(edge('gain-map.jpg'), { images: { format: 'AVIF' } })
    expect(kept).toMatchObject({ outcome: 'kept_original', reason: 'gain_map' })
    expect((await sharp(kept.file).metadata()).gainMap).toBeDefined()
  })

  it('shows photographs upright with their EXIF orientation applied', async () => {
    const [landscape, portrait] = [
      await seen((await compressPath(edge('Landscape_6.jpg'))).file),
      await seen((await compressPath(edge('Portrait_5.jpg'))).file),
    ]
    for (const [name, after] of [
      ['Landscape_6.jpg', landscape],
      ['Portrait_5.jpg', portrait],
    ] as const) {
      const before = await seen(await readFile(edge(name)))
      for (const [x, y] of [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.1, 0.9],
      ] as const) {
        expect(difference(colourAt(after, x, y), colourAt(before, x, y)), name).toBeLessThan(24)
      }
    }
  })

  it.each(['JPEG', 'WebP', 'AVIF', 'Keep'] as const)(
    'photographs as %s: never bigger, decodable, at least minScore',
    async (format) => {
      // The small ones in every format, a few large ones for their tiles.
      const files = [
        ...(await readdir(join(corpus, 'kodak'))).map((name) => join(corpus, 'kodak', name)),
        ...['photo-01.jpg', 'photo-06.jpg', 'photo-13.png'].map((name) => join(corpus, 'photos', name)),
      ]
      for (const path of files) {
        const trial = await compressPath(path, { images: { format } })
        expect(trial.file.length, path).toBeLessThanOrEqual(trial.bytesIn)
        const [output] = trial.outputs
        const metadata = await sharp(trial.file).metadata()
        expect([metadata.autoOrient.width, metadata.autoOrient.height]).toEqual([
          output?.width,
          output?.height,
        ])
        await sharp(trial.file).stats()
        if (format !== 'Keep') expect(trial.outcome, path).toBe('compressed')
        if (format !== 'Keep') expect(output?.score, path).toBeGreaterThanOrEqual(65)
      }
    },
    120_000,
  )
})
