import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { colourAt, difference, meanDifference, type Raster, seen } from '../fixtures/seen.ts'
import { type ApiFile, Client } from './client.ts'
import { type Running, startRunning } from './running.ts'

const corpus = process.env.KOMPRESSOR_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus')
const isThere = existsSync(join(corpus, 'edge'))
if (!isThere) process.stderr.write(`There is no corpus at ${corpus}: its awkward files are not tested.\n`)

describe.skipIf(!isThere)('the awkward files of the corpus', () => {
  let service: Running
  let client: Client

  beforeAll(async () => {
    service = await startRunning()
    client = new Client(service.url)
  }, 90_000)

  afterAll(async () => {
    const { scratch, pending } = await service.finish()
    expect({ scratch, pending }).toEqual({ scratch: [], pending: [] })
    expect(service.output()).not.toMatch(/"level":"(warn|error|fatal)"/)
  }, 60_000)

  async function compress(name: string, query: Record<string, string> = {}) {
    const input = await readFile(join(corpus, 'edge', name))
    const file = await client.compress(input, { name, query })
    return { file, input }
  }

  async function content(file: ApiFile): Promise<Buffer> {
    expect(file).toMatchObject({ state: 'completed' })
    return client.content(file)
  }

  // Colours over the whole picture, in every format it may be asked for: turned, mirrored, darkened or tinted, and the
  // mean would be far off.
  test.for([
    ['Landscape_6.jpg', 'Keep'],
    ['Landscape_6.jpg', 'WebP'],
    ['Portrait_5.jpg', 'Keep'],
    ['Portrait_5.jpg', 'AVIF'],
    ['Channel_digital_image_CMYK_color.jpg', 'Keep'],
    ['Flag_of_the_Netherlands-16bit.png', 'Keep'],
    ['alpha-premultiply-1024x768-paper.png', 'WebP'],
    ['16-bit-grey-alpha.png', 'Keep'],
    ['p3.png', 'WebP'],
    ['pitm.avif', 'Keep'],
    ['uncompressed_tiff.tiff', 'Keep'],
    ['gain-map.jpg', 'Keep'],
    ['big-height.webp', 'Keep'],
    ['Crash_test.gif', 'WebP'],
  ] as const)('%s as %s looks as it did', async ([name, format]) => {
    const { file, input } = await compress(name, { format, minSavingsPercent: '0' })
    const output = await content(file)
    expect(output.length).toBeLessThanOrEqual(input.length)
    const [before, after] = [await shown(input), await shown(output)]
    expect([after.width, after.height]).toEqual([before.width, before.height])
    expect(meanDifference(after, before)).toBeLessThan(9)
  })

  test('the alpha of a cut-out survives where the format has one and is filled where it has none', async () => {
    const name = 'alpha-premultiply-1024x768-paper.png'
    const clear = await content((await compress(name, { format: 'AVIF' })).file)
    expect(await sharp(clear).metadata()).toMatchObject({ hasAlpha: true })
    const { file, input } = await compress(name, { format: 'JPEG' })
    const filled = await content(file)
    expect(await sharp(filled).metadata()).toMatchObject({ format: 'jpeg', hasAlpha: false })
    const white = await seen(await sharp(input).flatten({ background: '#fff' }).png().toBuffer())
    expect(meanDifference(await seen(filled), white)).toBeLessThan(9)
  })

  test('a picture that is transparent everywhere stays so', async () => {
    const output = await content((await compress('full-transparent.png')).file)
    const { channels } = await sharp(output).stats()
    expect(channels.at(-1)?.max).toBe(0)
  })

  test.for(['animated-loop-3.webp', 'rotating-squares.gif'])(
    '%s shows the same at every moment and plays as often',
    async (name) => {
      const { file, input } = await compress(name, { format: 'WebP', minSavingsPercent: '0' })
      const output = await content(file)
      const [before, after] = [await filmOf(input), await filmOf(output)]
      expect({ loop: after.loop, length: after.length }).toEqual({ loop: before.loop, length: before.length })
      for (const { from, image } of before.frames) {
        const then = after.frames.findLast((frame) => frame.from <= from)
        if (then === undefined) throw new Error('the output begins later')
        expect(meanDifference(then.image, image)).toBeLessThan(9)
      }
    },
  )

  test('a wide profile is brought to sRGB without losing its colour', async () => {
    const { file, input } = await compress('p3.png', { format: 'PNG', minSavingsPercent: '0' })
    const [before, after] = [await seen(input), await seen(await content(file))]
    expect(difference(colourAt(after, 0.5, 0.5), colourAt(before, 0.5, 0.5))).toBeLessThan(6)
  })

  test('a drawing in SVG is data', async () => {
    const { file } = await compress('check.svg')
    expect(file).toMatchObject({ type: 'image/svg+xml', state: 'completed' })
  })

  test.for([
    ['truncated.jpg', 'truncated_input'],
    ['truncated.png', 'truncated_input'],
    ['corrupt-header.jpg', /^(truncated|corrupt)_input$/],
  ] as const)('%s fails and says why', async ([name, code]) => {
    const { file } = await compress(name)
    expect(file.state).toBe('failed')
    expect(file.error?.code).toMatch(code)
    expect(file.error?.message).toContain(name)
  })
})

/** As on white paper: the colours under what is transparent are nobody's business. */
async function shown(image: Buffer): Promise<Raster> {
  return seen(await sharp(image).autoOrient().flatten({ background: '#fff' }).png().toBuffer())
}

/** What an animation shows from when on, in milliseconds; frames that equal the one before may be gone. */
async function filmOf(animation: Buffer) {
  const { pages = 1, loop, delay = [] } = await sharp(animation, { animated: true }).metadata()
  const frames: { from: number; image: Raster }[] = []
  let length = 0
  for (let page = 0; page < pages; page++) {
    const frame = await sharp(animation, { page }).flatten({ background: '#fff' }).png().toBuffer()
    frames.push({ from: length, image: await seen(frame) })
    length += delay[page] ?? 0
  }
  return { loop, length, frames }
}
