import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtures } from '../../../test/fixtures/index.ts'
import { detect, imageFormatNames, mediaTypes } from './index.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'detect-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Always under a name that lies. */
async function detectBytes(bytes: Buffer) {
  const path = join(folder, 'holiday.png.exe')
  await writeFile(path, bytes)
  return await detect(path)
}

describe('detect', () => {
  it.each(imageFormatNames)('recognises %s by its content, whatever it is called', async (format) => {
    const bytes = await fixtures.photo({ width: 32, height: 32, format })
    expect(await detectBytes(bytes)).toEqual({ class: 'image', format, type: mediaTypes[format] })
  })

  it('recognises animated GIF and WebP as images', async () => {
    expect(await detectBytes(await fixtures.animated({ format: 'gif' }))).toMatchObject({ format: 'gif' })
    expect(await detectBytes(await fixtures.animated({ format: 'webp' }))).toMatchObject({ format: 'webp' })
  })

  it.each([
    ['heic', 'image/heic'],
    ['heif', 'image/heif'],
    ['avifSequence', 'image/avif'],
    ['jxl', 'image/jxl'],
    ['jxlContainer', 'image/jxl'],
    ['cr2', 'image/x-canon-cr2'],
    ['cr3', 'image/x-canon-cr3'],
    ['raf', 'image/x-fuji-raf'],
    ['rw2', 'image/x-panasonic-rw2'],
    ['orf', 'image/x-olympus-orf'],
    ['dng', 'image/x-adobe-dng'],
    ['nef', 'image/x-raw'],
    ['apng', 'image/apng'],
  ] as const)('knows %s as an image it cannot decode', async (name, type) => {
    expect(await detectBytes(fixtures.foreign[name]())).toMatchObject({ class: 'unsupported_image', type })
  })

  it.each(['pdf', 'elf', 'svg', 'mp4', 'psd', 'bmp'] as const)('takes %s for data', async (name) => {
    expect(await detectBytes(fixtures.foreign[name]())).toEqual({ class: 'data' })
  })

  it.each([
    ['a single byte', 'I'],
    ['the first half of a TIFF header', 'II*\0'],
    ['prose that begins like an Olympus file', 'MMORPG players say it is fine.'],
    ['a ftyp box cut short', '\0\0\0\x20ftyp'],
    ['a RIFF file that is not WebP', 'RIFF\x10\0\0\0WAVEfmt '],
  ])('takes %s for data', async (_, text) => {
    expect(await detectBytes(Buffer.from(text, 'latin1'))).toEqual({ class: 'data' })
  })

  it('takes AVIF under a generic major brand for AVIF', async () => {
    const bytes = await fixtures.photo({ width: 32, height: 32, format: 'avif' })
    bytes.write('mif1', 8, 'latin1')
    expect(await detectBytes(bytes)).toMatchObject({ class: 'image', format: 'avif' })
  })
})
