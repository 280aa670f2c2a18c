import type { Blocks, Container } from './container.ts'
import { marker } from './jpeg-header.ts'

const exifHead = Buffer.from('Exif\0\0', 'latin1')
const xmpHead = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1')
const iccHead = Buffer.from('ICC_PROFILE\0', 'latin1')
/** A segment's length field counts itself and is 16 bits. */
const maxPayload = 0xffff - 2

export interface JpegSegment {
  code: number
  start: number
  end: number
  payload: Buffer
}

/** Segments before the first scan. The last one is the start of scan. */
export function jpegSegments(file: Buffer): JpegSegment[] {
  const segments: JpegSegment[] = []
  for (let at = 2; ; ) {
    while (file[at] === 0xff && file[at + 1] === 0xff) at++
    if (file[at] !== 0xff) throw new RangeError('not a JPEG marker')
    const code = file.readUInt8(at + 1)
    const end = at + 2 + file.readUInt16BE(at + 2)
    segments.push({ code, start: at, end, payload: file.subarray(at + 4, end) })
    if (code === marker.sos) return segments
    at = end
  }
}

export const jpegContainer: Container = {
  strip(file) {
    const kept = [file.subarray(0, 2)]
    for (const segment of jpegSegments(file)) {
      if (segment.code === marker.sos) {
        // Whatever follows the end of the image is not part of it: previews, videos of live photos.
        const end = file.indexOf(Buffer.from([0xff, marker.eoi]), segment.end)
        kept.push(file.subarray(segment.start, end < 0 ? file.length : end + 2))
      } else if (changesLook(segment)) {
        kept.push(file.subarray(segment.start, segment.end))
      }
    }
    return Buffer.concat(kept)
  },

  attach(file, { exif, xmp, icc, iptc }: Blocks) {
    const inserted: Buffer[] = []
    if (exif) inserted.push(...segment(0xe1, exifHead, exif))
    if (xmp) inserted.push(...segment(0xe1, xmpHead, xmp))
    if (iptc) inserted.push(...segment(0xed, Buffer.alloc(0), iptc))
    if (icc) inserted.push(...iccSegments(icc))
    const [first] = jpegSegments(file)
    const at = first?.code === marker.app0 ? first.end : 2
    return Buffer.concat([file.subarray(0, at), ...inserted, file.subarray(at)])
  },
}

/** Not an application segment or a comment, or one that colours depend on: JFIF, ICC, Adobe. */
function changesLook({ code, payload }: JpegSegment): boolean {
  if (code === marker.com) return false
  if (code < 0xe0 || code > 0xef) return true
  const named = (name: string) => payload.toString('latin1', 0, name.length) === name
  return (
    (code === 0xe0 && named('JFIF\0')) ||
    (code === 0xe2 && named('ICC_PROFILE\0')) ||
    (code === 0xee && named('Adobe'))
  )
}

/** Nothing when it does not fit: larger blocks need conventions of their own, and few readers know them. */
function segment(code: number, head: Buffer, body: Buffer): Buffer[] {
  const length = head.length + body.length
  if (length > maxPayload) return []
  const lead = Buffer.from([0xff, code, 0, 0])
  lead.writeUInt16BE(length + 2, 2)
  return [lead, head, body]
}

function iccSegments(icc: Buffer): Buffer[] {
  const size = maxPayload - iccHead.length - 2
  const count = Math.ceil(icc.length / size)
  if (count > 255) return []
  return Array.from({ length: count }, (_, i) =>
    segment(
      0xe2,
      Buffer.concat([iccHead, Buffer.from([i + 1, count])]),
      icc.subarray(i * size, (i + 1) * size),
    ),
  ).flat()
}
