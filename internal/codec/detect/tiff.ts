import type { FileReader } from './reader.ts'
import type { Detected } from './types.ts'

const tag = {
  subfileType: 0x00fe,
  compression: 0x0103,
  photometric: 0x0106,
  make: 0x010f,
  subIfds: 0x014a,
  dngVersion: 0xc612,
  sonyPrivate: 0xc634,
}
/** Colour filter array and linear raw: sensor values, not a picture. */
const rawPhotometrics = new Set([32803, 34892])
/** With the offset of the first directory: the four letters alone also begin the word MMORPG. */
const olympus = new Set(['IIRO\x08\0\0\0', 'IIRS\x08\0\0\0', 'MMOR\0\0\0\x08'])
/** Sony, packed RAW, Nikon, Pentax. */
const rawCompressions = new Set([32767, 32769, 34713, 65535])

/**
 * TIFF, or one of the camera RAW formats built on it. Most RAW files carry the plain TIFF magic, and a decoder that
 * trusts it returns their small preview; the tags of the first directory give them away.
 */
export async function detectTiff(head: Buffer, reader: FileReader): Promise<Detected | undefined> {
  const order = head.toString('latin1', 0, 2)
  if ((order !== 'II' && order !== 'MM') || head.length < 8) return undefined
  const little = order === 'II'
  if (olympus.has(head.toString('latin1', 0, 8))) return raw('image/x-olympus-orf', 'ORF')
  if (head.toString('latin1', 2, 4) === 'U\0') return raw('image/x-panasonic-rw2', 'RW2')
  const u16 = (b: Buffer, at: number) => (little ? b.readUInt16LE(at) : b.readUInt16BE(at))
  const u32 = (b: Buffer, at: number) => (little ? b.readUInt32LE(at) : b.readUInt32BE(at))
  const magic = u16(head, 2)
  const tiff: Detected = { class: 'image', format: 'tiff', type: 'image/tiff' }
  if (magic === 43) return tiff
  if (magic !== 42) return undefined
  if (head.toString('latin1', 8, 10) === 'CR') return raw('image/x-canon-cr2', 'CR2')

  const at = u32(head, 4)
  const counted = await reader.read(at, 2)
  if (counted.length < 2) return tiff
  const entries = await reader.read(at + 2, u16(counted, 0) * 12)
  const tags = new Map<number, number>()
  for (let i = 0; i + 12 <= entries.length; i += 12) {
    const short = u16(entries, i + 2) === 3
    tags.set(u16(entries, i), short ? u16(entries, i + 8) : u32(entries, i + 8))
  }
  return rawKind(tags) ?? tiff
}

function rawKind(tags: ReadonlyMap<number, number>): Detected | undefined {
  if (tags.has(tag.dngVersion)) return raw('image/x-adobe-dng', 'DNG')
  const preview = ((tags.get(tag.subfileType) ?? 0) & 1) === 1
  const camera =
    rawPhotometrics.has(tags.get(tag.photometric) ?? 0) ||
    rawCompressions.has(tags.get(tag.compression) ?? 0) ||
    (tags.has(tag.make) && preview && (tags.has(tag.subIfds) || tags.has(tag.sonyPrivate)))
  return camera ? raw('image/x-raw', 'NEF, ARW or alike') : undefined
}

function raw(type: string, name: string): Detected {
  return { class: 'unsupported_image', type, what: `camera RAW (${name})` }
}
