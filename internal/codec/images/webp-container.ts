import { type FileReader, withReader } from '../detect/index.ts'
import type { Container } from './container.ts'

/** Bits of the extended header. */
const flag = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const

interface Chunk {
  type: string
  /** With its header and its padding. */
  bytes: Buffer
}

function chunksOf(file: Buffer): Chunk[] {
  const end = Math.min(file.length, 8 + file.readUInt32LE(4))
  const chunks: Chunk[] = []
  for (let at = 12; at + 8 <= end; ) {
    const size = file.readUInt32LE(at + 4)
    const next = at + 8 + size + (size % 2)
    if (at + 8 + size > end) throw new RangeError('a WebP chunk ends behind the file')
    chunks.push({ type: file.toString('latin1', at, at + 4), bytes: file.subarray(at, Math.min(next, end)) })
    at = next
  }
  return chunks
}

export const webpContainer: Container = {
  strip(file) {
    const chunks = chunksOf(file).filter(({ type }) => type !== 'EXIF' && type !== 'XMP ')
    return assemble(chunks.map((chunk) => withFlags(chunk, 0, flag.exif | flag.xmp)))
  },

  attach(file, { exif, xmp, icc }) {
    const set = (icc ? flag.icc : 0) | (exif ? flag.exif : 0) | (xmp ? flag.xmp : 0)
    if (set === 0) return file
    const [header, ...rest] = extended(chunksOf(file))
    return assemble([
      withFlags(header, set, 0),
      ...(icc ? [chunk('ICCP', icc)] : []),
      ...rest,
      ...(exif ? [chunk('EXIF', exif)] : []),
      ...(xmp ? [chunk('XMP ', xmp)] : []),
    ])
  },
}

/** The chunks with a VP8X header before them, made from the image's own header when there is none. */
function extended(chunks: readonly Chunk[]): [Chunk, ...Chunk[]] {
  const [first, ...rest] = chunks
  if (first === undefined) throw new RangeError('a WebP file without chunks')
  if (first.type === 'VP8X') return [first, ...rest]
  const data = first.bytes.subarray(8)
  const lossless = first.type === 'VP8L'
  const bits = lossless ? data.readUInt32LE(1) : 0
  const width = lossless ? (bits & 0x3fff) + 1 : data.readUInt16LE(6) & 0x3fff
  const height = lossless ? ((bits >>> 14) & 0x3fff) + 1 : data.readUInt16LE(8) & 0x3fff
  const header = Buffer.alloc(10)
  header[0] = lossless && ((bits >>> 28) & 1) === 1 ? flag.alpha : 0
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  return [chunk('VP8X', header), first, ...rest]
}

function withFlags(given: Chunk, set: number, clear: number): Chunk {
  if (given.type !== 'VP8X') return given
  const bytes = Buffer.from(given.bytes)
  bytes[8] = ((bytes[8] ?? 0) | set) & ~clear
  return { type: given.type, bytes }
}

function chunk(type: string, data: Buffer): Chunk {
  const bytes = Buffer.alloc(8 + data.length + (data.length % 2))
  bytes.write(type, 0, 'latin1')
  bytes.writeUInt32LE(data.length, 4)
  data.copy(bytes, 8)
  return { type, bytes }
}

function assemble(chunks: readonly Chunk[]): Buffer {
  const body = Buffer.concat(chunks.map(({ bytes }) => bytes))
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')
  head.writeUInt32LE(4 + body.length, 4)
  return Buffer.concat([head, body])
}

/** Whether any frame is coded with loss. */
export async function webpIsLossy(path: string): Promise<boolean> {
  return await withReader(path, (reader) => anyLossy(reader, 12, reader.size))
}

async function anyLossy(reader: FileReader, start: number, end: number): Promise<boolean> {
  for (let at = start; at + 8 <= end; ) {
    const head = await reader.read(at, 8)
    if (head.length < 8) return false
    const type = head.toString('latin1', 0, 4)
    const size = head.readUInt32LE(4)
    if (type === 'VP8 ') return true
    // A frame has 16 bytes of its own before its chunks.
    if (type === 'ANMF' && (await anyLossy(reader, at + 24, Math.min(end, at + 8 + size)))) return true
    at += 8 + size + (size % 2)
  }
  return false
}
