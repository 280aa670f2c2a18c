import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixtures } from '../../../test/fixtures/index.ts'
import { compressFile } from '../compress-file.ts'
import type { FirstLook } from '../look.ts'
import { defaultOptions } from '../options.ts'
import { defaultLimits } from '../request.ts'
import { measure } from './measure.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kompressor-measure-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function measured(content: Uint8Array) {
  const input = join(dir, 'input')
  await writeFile(input, content)
  const rest = { options: defaultOptions, limits: defaultLimits }
  return (await measure({ id: 'f1', name: 'x', input, output: join(dir, 'output'), ...rest })).facts
}

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } })

describe('measure', () => {
  it('tells type and pixels of an image', async () => {
    const jpeg = await blank(40, 30).jpeg().toBuffer()
    expect(await measured(jpeg)).toEqual({
      class: 'image',
      type: 'image/jpeg',
      bytes: jpeg.length,
      width: 40,
      height: 30,
      frames: 1,
    })
  })

  it('counts the frames of an animation', async () => {
    const frames = await Promise.all(
      ['red', 'green', 'blue'].map((background) =>
        sharp({ create: { width: 8, height: 6, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    expect(await measured(gif)).toMatchObject({ type: 'image/gif', width: 8, height: 6, frames: 3 })
  })

  it('tells an image over every limit of pixels as it is', async () => {
    const png = await blank(8, 8).png().toBuffer()
    // The header alone is enough: 12 bytes of chunk and type, then width and height, 5 more bytes, and the checksum.
    png.writeUInt32BE(30_000, 16)
    png.writeUInt32BE(20_000, 20)
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
    expect(await measured(png)).toMatchObject({ width: 30_000, height: 20_000 })
  })

  it('tells the bytes of data', async () => {
    expect(await measured(Buffer.from('a,b\n1,2\n'))).toEqual({ class: 'data', bytes: 8 })
  })

  it.each([
    ['jpeg', () => fixtures.photo({ format: 'jpeg' })],
    ['png', () => fixtures.graphic({ format: 'png' })],
    ['webp', () => fixtures.photo({ format: 'webp' })],
    ['data', async () => fixtures.log()],
    ['cut', async () => fixtures.truncated(await fixtures.photo())],
  ])('spares the codec a second look without changing what it makes: %s', async (_, content) => {
    const input = join(dir, 'input')
    await writeFile(input, await content())
    const rest = { options: defaultOptions, limits: defaultLimits }
    const request = { id: 'f1', name: 'x', input, output: join(dir, 'output'), ...rest }
    const outcome = async (look?: FirstLook) => {
      try {
        const {
          cpuMs: _,
          outputs,
          ...result
        } = await compressFile({ ...request, output: join(dir, randomUUID()) }, { look })
        return { ...result, outputs: outputs.map(({ path: _, ...output }) => output) }
      } catch (error) {
        return String(error)
      }
    }
    const { look } = await measure(request)
    expect(look?.bytes).toBeGreaterThan(0)
    expect(await outcome(look)).toEqual(await outcome())
  })

  it('is believed by the codec, which reads none of it again', async () => {
    const input = join(dir, 'input')
    await writeFile(input, await fixtures.photo({ format: 'jpeg' }))
    const rest = { options: defaultOptions, limits: defaultLimits }
    const request = { id: 'f1', name: 'x', input, output: join(dir, 'output'), ...rest }
    const { look } = await measure(request)
    if (look?.metadata === undefined || look.metadata === 'pages differ') throw new Error('a photograph')
    const autoOrient = { ...look.metadata.autoOrient, width: 7, height: 5 }
    const told = { ...look, bytes: look.bytes + 1, metadata: { ...look.metadata, autoOrient } }
    const { bytesIn, input: info } = await compressFile(request, { look: told })
    expect([bytesIn, info?.width, info?.height]).toEqual([told.bytes, 7, 5])
  })

  it('leaves out what a broken header does not tell, and never rejects', async () => {
    const broken = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(200, 7)])
    expect(await measured(broken)).toEqual({ class: 'image', type: 'image/jpeg', bytes: 203 })
    const rest = { options: defaultOptions, limits: defaultLimits }
    const gone = { id: 'f1', name: 'x', input: join(dir, 'gone'), output: join(dir, 'output'), ...rest }
    expect(await measure(gone)).toEqual({ facts: { bytes: 0 }, look: undefined })
  })
})
