import { detectIsoMedia } from './iso-media.ts'
import { pngHeaderChunks } from './png.ts'
import { type FileReader, withReader } from './reader.ts'
import { detectTiff } from './tiff.ts'
import { type Detected, type ImageFormatName, mediaTypes } from './types.ts'

/** Covers every magic number and the brands of any sane `ftyp` box. */
const headBytes = 512

/**
 * What a file is, from its content and never from its name. Reads a few hundred bytes. Everything that is not a
 * recognised image is data: SVG, BMP, ICO and PSD too, which shrink well without loss. Rejects with the errors of
 * node:fs.
 */
export async function detect(path: string): Promise<Detected> {
  return await withReader(path, detectFrom)
}

/** As `detect`, of a file that is open. */
export async function detectFrom(reader: FileReader): Promise<Detected> {
  const head = await reader.read(0, headBytes)
  const starts = (magic: string, at = 0) => head.toString('latin1', at, at + magic.length) === magic
  if (starts('\xff\xd8\xff')) return image('jpeg')
  if (starts('\x89PNG\r\n\x1a\n')) return await detectPng(reader)
  if (starts('RIFF') && starts('WEBP', 8)) return image('webp')
  if (starts('GIF87a') || starts('GIF89a')) return image('gif')
  if (starts('\xff\x0a') || starts('\0\0\0\x0cJXL \r\n\x87\n')) {
    return { class: 'unsupported_image', type: 'image/jxl', what: 'JPEG XL' }
  }
  if (starts('\0\0\0\x0cjP  \r\n\x87\n') || starts('\xff\x4f\xff\x51')) {
    return { class: 'unsupported_image', type: 'image/jp2', what: 'JPEG 2000' }
  }
  if (starts('FUJIFILMCCD-RAW')) {
    return { class: 'unsupported_image', type: 'image/x-fuji-raf', what: 'camera RAW (RAF)' }
  }
  return detectIsoMedia(head) ?? (await detectTiff(head, reader)) ?? { class: 'data' }
}

async function detectPng(reader: FileReader): Promise<Detected> {
  const chunks = await pngHeaderChunks(reader)
  // The decoder reads the first frame only, and drops the chunk that says the pixels are HDR.
  if (chunks.has('acTL')) return { class: 'unsupported_image', type: 'image/apng', what: 'an animated PNG' }
  if (chunks.has('cICP')) return { class: 'unsupported_image', type: 'image/png', what: 'an HDR PNG' }
  return image('png')
}

function image(format: ImageFormatName): Detected {
  return { class: 'image', format, type: mediaTypes[format] }
}
