import type { FileReader } from './reader.ts'

export interface PngChunk {
  type: string
  /** Where the chunk's length field is. */
  start: number
  /** Bytes of its data; the chunk has 12 more. */
  length: number
}

/** Chunks in file order without their data. Ends where the file does, so a truncated file yields no IEND. */
export async function* pngChunks(reader: FileReader): AsyncGenerator<PngChunk> {
  for (let start = 8; start + 12 <= reader.size; ) {
    const header = await reader.read(start, 8)
    const length = header.readUInt32BE(0)
    if (start + 12 + length > reader.size) return
    yield { type: header.toString('latin1', 4, 8), start, length }
    start += 12 + length
  }
}

/** Types of the chunks before the pixels. */
export async function pngHeaderChunks(reader: FileReader): Promise<Set<string>> {
  const types = new Set<string>()
  for await (const { type } of pngChunks(reader)) {
    if (type === 'IDAT' || types.size > 64) break
    types.add(type)
  }
  return types
}
