import { crc32, deflateSync } from 'node:zlib'
import type { Container } from './container.ts'

const signatureBytes = 8
/** Says something about the file, not about its pixels. */
const metadataChunks = new Set(['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'caBX', 'dSIG'])
interface Chunk {
  type: string
  bytes: Buffer
}

function* chunks(file: Buffer): Generator<Chunk> {
  for (let at = signatureBytes; at < file.length; ) {
    const end = at + 12 + file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    yield { type, bytes: file.subarray(at, end) }
    if (type === 'IEND') return
    at = end
  }
}

export const pngContainer: Container = {
  strip(file) {
    const kept = [...chunks(file)].filter(({ type }) => !metadataChunks.has(type))
    return Buffer.concat([file.subarray(0, signatureBytes), ...kept.map(({ bytes }) => bytes)])
  },

  attach(file, { exif, xmp, icc }) {
    const inserted: Buffer[] = []
    // The profile's name is free; it must come before the palette, and the text may.
    if (icc) inserted.push(chunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)])))
    if (exif) inserted.push(chunk('eXIf', exif))
    if (xmp)
      inserted.push(chunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), xmp])))
    return insertAfterHeader(file, inserted)
  },
}

/** Puts whole chunks behind the header, in place of those of the same types that `file` has. */
export function insertPngChunks(file: Buffer, inserted: readonly Buffer[]): Buffer {
  const types = new Set(inserted.map((bytes) => bytes.toString('latin1', 4, 8)))
  const own = [...chunks(file)].filter(({ type }) => !types.has(type))
  const bare = Buffer.concat([file.subarray(0, signatureBytes), ...own.map(({ bytes }) => bytes)])
  return insertAfterHeader(bare, inserted)
}

function insertAfterHeader(file: Buffer, inserted: readonly Buffer[]): Buffer {
  const at = signatureBytes + 12 + file.readUInt32BE(signatureBytes)
  return Buffer.concat([file.subarray(0, at), ...inserted, file.subarray(at)])
}

function chunk(type: string, data: Buffer): Buffer {
  const out = Buffer.alloc(data.length + 12)
  out.writeUInt32BE(data.length, 0)
  out.write(type, 4, 'latin1')
  data.copy(out, 8)
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8)
  return out
}
