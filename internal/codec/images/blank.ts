import { blankExif, blankGps, withoutExifPrefix, writeExif } from './exif.ts'
import { type Rights, rightsPacket } from './rights.ts'
import type { ImageSource } from './source.ts'

/**
 * Overwrites metadata where it lies, every byte of the file staying in its place. Undefined when the file holds none,
 * or not in one piece. A TIFF's own directory is needed to show it, so there only the position goes.
 */
export function blankMetadata(file: Buffer, source: ImageSource, rights: Rights): Buffer | undefined {
  const out = Buffer.from(file)
  let changed = source.format === 'tiff' && blankGps(out)
  const exif = source.exif && locate(out, withoutExifPrefix(source.exif))
  if (exif) {
    blankExif(exif, writeExif({ ...rights, orientation: source.orientation }))
    changed = true
  }
  const xmp = source.xmp && locate(out, source.xmp)
  if (xmp) {
    // Packets of gain maps describe the map: only the position may go.
    if (source.gainMap !== undefined) blankXmpPosition(xmp)
    else blankXmp(xmp, rightsPacket(rights))
    changed = true
  }
  return changed ? out : undefined
}

function locate(file: Buffer, block: Buffer): Buffer | undefined {
  const at = block.length === 0 ? -1 : file.indexOf(block)
  return at < 0 ? undefined : file.subarray(at, at + block.length)
}

function blankXmp(xmp: Buffer, packet: string | undefined): void {
  const body = Buffer.from(packet ?? '')
  xmp.fill(' ')
  if (body.length <= xmp.length) body.copy(xmp)
}

/** One byte a character, so that indices in the text are positions in the block. */
function blankXmpPosition(xmp: Buffer): void {
  const text = xmp.toString('latin1')
  for (const match of text.matchAll(/\sexif:GPS\w+="[^"]*"|<exif:(GPS\w+)[\s>][\s\S]*?<\/exif:\1>/g)) {
    xmp.fill(' ', match.index, match.index + match[0].length)
  }
}
