import { crc32, inflateRawSync } from 'node:zlib'

export interface ZipEntry {
  name: string
  bytes: Buffer
}

/**
 * Unpacks an archive by its central directory, as unzip does. Throws for anything inconsistent: sizes, checksums, local
 * headers with other names. Zip64 is read where the 32-bit fields say so.
 */
export function unzip(zip: Buffer): ZipEntry[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end === -1) throw new Error('the archive has no end: it was cut off')
  const entries: ZipEntry[] = []
  let at = zip.readUInt32LE(end + 16)
  if (at === 0xffffffff) at = startBy64(zip)
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const nameLength = zip.readUInt16LE(at + 28)
    const extraLength = zip.readUInt16LE(at + 30)
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
    const extra = zip.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength)
    const place = wide(extra, [
      zip.readUInt32LE(at + 24),
      zip.readUInt32LE(at + 20),
      zip.readUInt32LE(at + 42),
    ])
    const entry = { name, method: zip.readUInt16LE(at + 10), crc: zip.readUInt32LE(at + 16), ...place }
    entries.push({ name, bytes: contents(zip, entry) })
    at += 46 + nameLength + extraLength + zip.readUInt16LE(at + 32)
  }
  return entries
}

interface Place {
  size: number
  packed: number
  offset: number
}

function contents(zip: Buffer, entry: Place & { name: string; method: number; crc: number }): Buffer {
  const { name, method, crc, size, packed, offset } = entry
  if (zip.readUInt32LE(offset) !== 0x04034b50) throw new Error(`${name} has no local header`)
  const nameLength = zip.readUInt16LE(offset + 26)
  if (zip.toString('utf8', offset + 30, offset + 30 + nameLength) !== name)
    throw new Error(`${name} has another name where its bytes are`)
  const start = offset + 30 + nameLength + zip.readUInt16LE(offset + 28)
  const raw = zip.subarray(start, start + packed)
  const bytes = method === 0 ? raw : inflateRawSync(raw)
  if (bytes.length !== size) throw new Error(`${name} has ${bytes.length} bytes instead of ${size}`)
  if (crc32(bytes) !== crc) throw new Error(`${name} has another checksum`)
  return bytes
}

/** Fields that are full of ones stand in the Zip64 extra field, in this order. */
function wide(extra: Buffer, fields: [number, number, number]): Place {
  let at = 0
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2)
  at += 4
  const [size, packed, offset] = fields.map((field) => {
    if (field !== 0xffffffff) return field
    at += 8
    return Number(extra.readBigUInt64LE(at - 8))
  })
  return { size: size ?? 0, packed: packed ?? 0, offset: offset ?? 0 }
}

function startBy64(zip: Buffer): number {
  const end = zip.lastIndexOf(Buffer.from('PK\x06\x06', 'latin1'))
  if (end === -1) throw new Error('the archive has no Zip64 end')
  return Number(zip.readBigUInt64LE(end + 48))
}
