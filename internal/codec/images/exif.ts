/** The little of EXIF that compression must understand: how the picture is turned, and whose it is. */
export interface ExifRights {
  artist?: string
  copyright?: string
}

const tag = { orientation: 0x0112, artist: 0x013b, copyright: 0x8298, gps: 0x8825 } as const
/** What APP1 segments (and libvips) put before the TIFF structure. */
const prefix = Buffer.from('Exif\0\0', 'latin1')

/** The TIFF structure itself. */
export function withoutExifPrefix(blob: Buffer): Buffer {
  return blob.subarray(0, 6).equals(prefix) ? blob.subarray(6) : blob
}

interface Entry {
  tag: number
  type: number
  count: number
  /** Where the entry's value (or the offset to it) is. */
  at: number
}

/** Entries of the first directory; none when the blob is damaged. */
function entries(tiff: Buffer): { little: boolean; list: Entry[] } {
  const little = tiff.toString('latin1', 0, 2) === 'II'
  const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const u32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  const list: Entry[] = []
  if (tiff.length < 14) return { little, list }
  const start = u32(4)
  if (start + 2 > tiff.length) return { little, list }
  for (let at = start + 2; list.length < u16(start) && at + 12 <= tiff.length; at += 12) {
    list.push({ tag: u16(at), type: u16(at + 2), count: u32(at + 4), at: at + 8 })
  }
  return { little, list }
}

/** Author and copyright of an EXIF blob, with or without its prefix. Damaged blobs have none. */
export function readExifRights(blob: Buffer): ExifRights {
  const tiff = withoutExifPrefix(blob)
  const { little, list } = entries(tiff)
  const rights: ExifRights = {}
  for (const entry of list) {
    if (entry.tag !== tag.artist && entry.tag !== tag.copyright) continue
    const inline = entry.count <= 4
    const at = inline ? entry.at : little ? tiff.readUInt32LE(entry.at) : tiff.readUInt32BE(entry.at)
    const text = tiff
      .subarray(at, at + entry.count)
      .toString('utf8')
      .replaceAll('\0', ' ')
      .trim()
    if (text !== '') rights[entry.tag === tag.artist ? 'artist' : 'copyright'] = text
  }
  return rights
}

/** A copy, without the prefix, whose orientation says upright: for pixels that have been turned. */
export function uprightExif(blob: Buffer): Buffer {
  const tiff = Buffer.from(withoutExifPrefix(blob))
  const { little, list } = entries(tiff)
  for (const entry of list) {
    if (entry.tag === tag.orientation)
      little ? tiff.writeUInt16LE(1, entry.at) : tiff.writeUInt16BE(1, entry.at)
  }
  return tiff
}

export interface MinimalExif extends ExifRights {
  /** 1-8; 1 is not written. */
  orientation?: number
}

/** A TIFF structure (no prefix) with these tags alone, or undefined when there is nothing to say. Text is UTF-8. */
export function writeExif({ orientation = 1, artist, copyright }: MinimalExif): Buffer | undefined {
  const values: { tag: number; type: number; count: number; bytes: Buffer }[] = []
  if (orientation > 1) {
    values.push({ tag: tag.orientation, type: 3, count: 1, bytes: Buffer.from([orientation, 0]) })
  }
  for (const [code, text] of [
    [tag.artist, artist],
    [tag.copyright, copyright],
  ] as const) {
    if (text === undefined) continue
    const bytes = Buffer.from(`${text}\0`)
    values.push({ tag: code, type: 2, count: bytes.length, bytes })
  }
  if (values.length === 0) return undefined

  const directory = 2 + values.length * 12 + 4
  const head = Buffer.alloc(8 + directory)
  head.write('II*\0', 0, 'latin1')
  head.writeUInt32LE(8, 4)
  head.writeUInt16LE(values.length, 8)
  const tail: Buffer[] = []
  let free = head.length
  for (const [i, { tag: code, type, count, bytes }] of values.entries()) {
    const at = 10 + i * 12
    head.writeUInt16LE(code, at)
    head.writeUInt16LE(type, at + 2)
    head.writeUInt32LE(count, at + 4)
    if (bytes.length <= 4) {
      bytes.copy(head, at + 8)
    } else {
      head.writeUInt32LE(free, at + 8)
      const padded = Buffer.alloc(bytes.length + (bytes.length % 2))
      bytes.copy(padded)
      tail.push(padded)
      free += padded.length
    }
  }
  return Buffer.concat([head, ...tail])
}

/**
 * Overwrites a TIFF structure (no prefix) with `exif` and zeros, keeping its length, so that nothing behind it in the
 * file moves. Without `exif`, or when it does not fit, an empty directory remains.
 */
export function blankExif(tiff: Buffer, exif: Buffer | undefined): void {
  const empty = Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1')
  const body = exif !== undefined && exif.length <= tiff.length ? exif : empty
  tiff.fill(0)
  if (body.length <= tiff.length) body.copy(tiff)
}

/** Bytes of one value by EXIF type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]

/** Zeroes the GPS directory of a TIFF structure, its values included. True when there was one. */
export function blankGps(tiff: Buffer): boolean {
  const { little, list } = entries(tiff)
  const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const u32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  const pointer = list.find((entry) => entry.tag === tag.gps)
  if (pointer === undefined) return false
  const start = u32(pointer.at)
  if (start + 2 > tiff.length) return false
  const end = Math.min(tiff.length, start + 2 + u16(start) * 12)
  for (let at = start + 2; at + 12 <= end; at += 12) {
    const bytes = u32(at + 4) * (typeBytes[u16(at + 2)] ?? 1)
    if (bytes > 4 && u32(at + 8) + bytes <= tiff.length) tiff.fill(0, u32(at + 8), u32(at + 8) + bytes)
  }
  tiff.fill(0, start, end)
  return true
}
