import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  finalEncoders,
  findQuality,
  measureScore,
  openSample,
  predictScore,
  type QualityCodec,
  qualityCap,
  type RgbPixels,
} from './index.ts'
import { colouredLines, flat, noise, photograph } from './testing.ts'

const codecs: QualityCodec[] = ['mozjpeg', 'jpeg', 'webp', 'avif']
let photo: RgbPixels

beforeAll(async () => {
  sharp.concurrency(1)
  photo = await photograph(600, 400, 7)
})

async function encode(pixels: RgbPixels, codec: QualityCodec, quality: number): Promise<RgbPixels> {
  const raw = { width: pixels.width, height: pixels.height, channels: 3 as const }
  const encoded = await finalEncoders[codec](sharp(pixels.data, { raw }), quality, '4:2:0').toBuffer()
  return { ...pixels, data: await sharp(encoded).raw().toBuffer() }
}

describe.each(codecs)('%s', (codec) => {
  it('predicts a higher score for a higher quality', async () => {
    const sample = openSample({ pixels: photo, codec })
    const scores = []
    for (const quality of [20, 40, 60, 80, 95]) scores.push(await sample.predict(quality))
    expect(scores).toEqual([...scores].sort((a, b) => a - b))
    expect((scores[4] ?? 0) - (scores[0] ?? 0)).toBeGreaterThan(20)
    expect(sample.probes).toBe(5)
  })

  it('finds the quality of the target, higher for a higher target, in few probes', async () => {
    let before = 0
    for (const target of [60, 70, 80]) {
      const found = await findQuality({ pixels: photo, codec, target })
      expect(found.saturated).toBe(false)
      expect(Number.isInteger(found.quality)).toBe(true)
      expect(found.quality).toBeGreaterThan(before)
      expect(found.quality).toBeLessThanOrEqual(qualityCap(codec, target))
      expect(Math.abs(found.score - target)).toBeLessThan(1.5)
      expect(
        Math.abs((await predictScore({ pixels: photo, codec, quality: found.quality })) - target),
      ).toBeLessThan(2.5)
      expect(found.probes).toBeLessThanOrEqual(4)
      before = found.quality
    }
  })

  it('finds the same quality every time', async () => {
    const first = await findQuality({ pixels: photo, codec, target: 75 })
    expect(await findQuality({ pixels: photo, codec, target: 75 })).toEqual(first)
  })

  it('gives a finished output the score that was predicted for it', async () => {
    const found = await findQuality({ pixels: photo, codec, target: 75 })
    const candidate = await encode(photo, codec, found.quality)
    expect(Math.abs(measureScore({ reference: photo, candidate, codec }) - 75)).toBeLessThan(4)
  })

  it.each([
    [1, 1],
    [3, 5],
    [8, 4000],
    [63, 65],
  ])('handles %i x %i pixels', async (width, height) => {
    for (const pixels of [noise(width, height, 3), flat(width, height, [200, 30, 90])]) {
      const found = await findQuality({ pixels, codec, target: 75 })
      expect(found.quality).toBeGreaterThanOrEqual(1)
      expect(found.quality).toBeLessThanOrEqual(100)
      expect(found.score).toBeGreaterThanOrEqual(0)
      expect(found.score).toBeLessThanOrEqual(100)
    }
  })

  it('needs little quality for a flat image', async () => {
    const found = await findQuality({ pixels: flat(300, 200, [120, 130, 140]), codec, target: 75 })
    expect(found.saturated).toBe(false)
    expect(found.score).toBeGreaterThanOrEqual(75)
  })
})

describe('saturated graphics', () => {
  it('are flagged in 4:2:0 and not in 4:4:4', async () => {
    const pixels = colouredLines(400, 300)
    for (const codec of ['mozjpeg', 'jpeg', 'webp'] as const) {
      const found = await findQuality({ pixels, codec, target: 75 })
      expect(found.saturated).toBe(true)
      expect(found.score).toBeLessThan(75)
      expect(found.quality).toBe(qualityCap(codec, 75))
    }
    const full = await findQuality({ pixels, codec: 'mozjpeg', chroma: '4:4:4', target: 75 })
    expect(full.saturated).toBe(false)
  })
})

describe('a target out of reach', () => {
  it.each(codecs)('ends at the cap and is flagged for %s', async (codec) => {
    const found = await findQuality({ pixels: colouredLines(400, 300), codec, target: 95 })
    expect(found.quality).toBe(qualityCap(codec, 95))
    expect(found.saturated).toBe(true)
    expect(found.score).toBeLessThan(95)
  })
})

describe('measureScore', () => {
  it('is 100 for identical images of any size', () => {
    for (const pixels of [
      photo,
      noise(1, 1, 1),
      noise(3, 5, 1),
      noise(8, 4000, 1),
      flat(90, 70, [1, 2, 3]),
    ]) {
      expect(measureScore({ reference: pixels, candidate: pixels })).toBe(100)
    }
  })

  it('falls as an output gets worse', async () => {
    const scores = []
    for (const quality of [95, 80, 60, 40, 20]) {
      scores.push(measureScore({ reference: photo, candidate: await encode(photo, 'mozjpeg', quality) }))
    }
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
  })

  it('refuses images of different sizes and buffers that are not RGB', () => {
    const other = flat(10, 10, [0, 0, 0])
    expect(() => measureScore({ reference: photo, candidate: other })).toThrow(/cannot compare 10 x 10/)
    const rgba = { data: new Uint8Array(400), width: 10, height: 10 }
    expect(() => measureScore({ reference: rgba, candidate: rgba })).toThrow(/expected 10 x 10 RGB/)
    expect(() => openSample({ pixels: rgba, codec: 'webp' })).toThrow(/expected 10 x 10 RGB/)
  })
})
