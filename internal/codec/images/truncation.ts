import { type FileReader, type ImageFormatName, pngChunks, withReader } from '../detect/index.ts'
import { jpegIsComplete, readJpegHeader } from './jpeg-header.ts'

/**
 * Whether the file ends before its own structure says it should. Decoders report a cut file and a damaged one alike;
 * people fix them differently. Reads headers only, except for JPEG and GIF without their end markers.
 */
export async function isTruncated(path: string, format: ImageFormatName): Promise<boolean> {
  switch (format) {
    case 'jpeg':
      return !(await jpegIsComplete(path, await readJpegHeader(path)))
    case 'png':
      return await withReader(path, pngTruncated)
    case 'webp':
      return await withReader(path, async (r) => (await r.read(4, 4)).readUInt32LE(0) + 8 > r.size)
    case 'gif':
      return await withReader(path, gifTruncated)
    case 'avif':
      return await withReader(path, boxesTruncated)
    case 'tiff':
      return await withReader(path, tiffTruncated)
  }
}

async function pngTruncated(reader: FileReader): Promise<boolean> {
  for await (const { type } of pngChunks(reader)) if (type === 'IEND') return false
  return true
}

/** Top-level boxes must not reach beyond the file. */
async function boxesTruncated(reader: FileReader): Promise<boolean> {
  for (let at = 0; at < reader.size; ) {
    const head = await reader.read(at, 16)
    if (head.length < 8) return true
    const short = head.readUInt32BE(0)
    const size = short === 1 && head.length === 16 ? Number(head.readBigUInt64BE(8)) : short
    if (size === 0) return false
    if (size < 8) return false
    at += size
    if (at > reader.size) return true
  }
  return false
}

/**
 * Walks GIF's blocks: a cut animation otherwise decodes as a shorter or a half-painted one. A file that ends between
 * two blocks only lacks its trailer, as many do.
 */
async function gifTruncated(reader: FileReader): Promise<boolean> {
  const head = await reader.read(0, 13)
  let at = 13 + colourTable(head[10])
  while (at < reader.size) {
    const [kind = 0] = await reader.read(at, 1)
    if (kind === 0x3b) return false
    if (kind === 0x2c) at += 11 + colourTable((await reader.read(at + 9, 1))[0])
    else if (kind === 0x21) at += 2
    else return false
    at = await skipSubBlocks(reader, at)
  }
  return at > reader.size
}

function colourTable(packed = 0): number {
  return (packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1)
}

/** Where the blocks end; beyond the file when it does not hold their end. */
async function skipSubBlocks(reader: FileReader, start: number): Promise<number> {
  for (let at = start; at < reader.size; ) {
    const [length = 0] = await reader.read(at, 1)
    at += 1 + length
    if (length === 0) return at
  }
  return reader.size + 1
}

/** Offsets and byte counts of strips, and of tiles. */
const placement = [
  { offsets: 273, counts: 279 },
  { offsets: 324, counts: 325 },
] as const

/** The first directory, or the last strip or tile of the first page, reaches behind the end of the file. */
async function tiffTruncated(reader: FileReader): Promise<boolean> {
  const head = await reader.read(0, 8)
  const little = head.toString('latin1', 0, 2) === 'II'
  const u16 = (b: Buffer, at: number) => (little ? b.readUInt16LE(at) : b.readUInt16BE(at))
  const u32 = (b: Buffer, at: number) => (little ? b.readUInt32LE(at) : b.readUInt32BE(at))
  if (u16(head, 2) !== 42) return false
  const start = u32(head, 4)
  if (start + 2 > reader.size) return true
  const count = u16(await reader.read(start, 2), 0)
  const entries = await reader.read(start + 2, count * 12)
  if (entries.length < count * 12) return true

  /** Last value of a tag; Infinity when it lies behind the end of the file. */
  async function lastValue(tag: number): Promise<number> {
    for (let at = 0; at < entries.length; at += 12) {
      if (u16(entries, at) !== tag) continue
      const width = u16(entries, at + 2) === 4 ? 4 : 2
      const values = u32(entries, at + 4)
      const bytes =
        values * width <= 4
          ? entries.subarray(at + 8 + (values - 1) * width)
          : await reader.read(u32(entries, at + 8) + (values - 1) * width, width)
      if (bytes.length < width) return Number.POSITIVE_INFINITY
      return width === 4 ? u32(bytes, 0) : u16(bytes, 0)
    }
    return 0
  }

  for (const { offsets, counts } of placement) {
    if ((await lastValue(offsets)) + (await lastValue(counts)) > reader.size) return true
  }
  return false
}
