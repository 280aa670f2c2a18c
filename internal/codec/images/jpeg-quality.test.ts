import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtures } from '../../../test/fixtures/index.ts'
import { readJpegHeader } from './jpeg-header.ts'
import { estimateJpegQuality, interpolate } from './jpeg-quality.ts'

describe('the quality of a JPEG', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jpeg-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each([
    ['libjpeg', false],
    ['mozjpeg', true],
  ] as const)('is read from the luma table of %s', async (_, mozjpeg) => {
    const photo = await fixtures.photo({ width: 64, height: 64, format: 'png' })
    for (const quality of [10, 25, 50, 70, 75, 80, 90, 95, 99]) {
      const path = join(folder, 'x.jpg')
      await writeFile(path, await sharp(photo).jpeg({ quality, mozjpeg }).toBuffer())
      const { luma = [] } = await readJpegHeader(path)
      expect(Math.abs(estimateJpegQuality(luma).quality - quality), `${quality}`).toBeLessThanOrEqual(1)
    }
  })

  it('gives a score that rises with it', () => {
    const flat = (value: number) => estimateJpegQuality(Array.from({ length: 64 }, () => value)).score
    expect([60, 30, 12, 4, 2].map(flat)).toEqual([60, 30, 12, 4, 2].map(flat).toSorted((a, b) => a - b))
    expect(flat(1)).toBe(95)
    expect(flat(255)).toBeLessThan(40)
  })

  it('is interpolated between points and level beyond them', () => {
    const points = [
      [10, 0],
      [20, 100],
    ] as const
    expect([5, 10, 15, 20, 99].map((x) => interpolate(points, x))).toEqual([0, 0, 50, 100, 100])
  })
})
