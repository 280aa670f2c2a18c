import { type FileReader, withReader } from '../detect/index.ts'

/** Marker bytes, without the 0xff before them. */
export const marker = { soi: 0xd8, eoi: 0xd9, sos: 0xda, dqt: 0xdb, app0: 0xe0, com: 0xfe } as const

/** What a JPEG says about itself before its first scan. */
export interface JpegHeader {
  /** Luma quantisation table in zigzag order, as in the file. */
  luma?: readonly number[] | undefined
  /** Holds further pictures behind the first one (previews, gain maps, depth). */
  multiPicture: boolean
  /** Where the first start-of-scan marker is; undefined when the file ends or breaks off before it. */
  scan?: number
}

export async function readJpegHeader(path: string): Promise<JpegHeader> {
  return await withReader(path, jpegHeaderFrom)
}

/** As `readJpegHeader`, of a file that is open. */
export async function jpegHeaderFrom(reader: FileReader): Promise<JpegHeader> {
  const header: JpegHeader = { multiPicture: false }
  for (let at = 2; ; ) {
    const head = await reader.read(at, 4)
    if (head.length < 4 || head[0] !== 0xff) return header
    const code = head[1]
    if (code === 0xff) {
      at += 1 // Fill byte.
      continue
    }
    if (code === marker.sos) return { ...header, scan: at }
    const length = head.readUInt16BE(2)
    if (code === marker.dqt && header.luma === undefined) {
      header.luma = lumaTable(await reader.read(at + 4, length - 2))
    }
    if (code === 0xe2 && (await reader.read(at + 4, 4)).toString('latin1') === 'MPF\0')
      header.multiPicture = true
    at += 2 + length
  }
}

/** Table 0 of a DQT segment, which holds luma in every encoder there is. */
function lumaTable(segment: Buffer): number[] | undefined {
  const wide = (segment[0] ?? 0) >> 4 !== 0
  if (segment.length < 1 + (wide ? 128 : 64)) return undefined
  return Array.from({ length: 64 }, (_, i) =>
    wide ? segment.readUInt16BE(1 + i * 2) : (segment[1 + i] ?? 0),
  )
}

/** Whether the entropy-coded data ends with its marker. Inside it 0xff is always followed by 0 or a restart marker. */
export async function jpegIsComplete(path: string, { scan }: JpegHeader): Promise<boolean> {
  if (scan === undefined) return false
  return await withReader(path, async (reader) => {
    // Most files end with it: the last bytes spare the whole read.
    const tail = await reader.read(Math.max(scan, reader.size - 2), 2)
    if (tail[0] === 0xff && tail[1] === marker.eoi) return true
    const step = 1 << 20
    for (let at = scan; at < reader.size; at += step) {
      const bytes = await reader.read(at, step + 1)
      if (bytes.includes(Buffer.from([0xff, marker.eoi]))) return true
    }
    return false
  })
}
