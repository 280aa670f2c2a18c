import { isUtf8 } from 'node:buffer'

/** What the first bytes of a file that is not an image say about it. */
export interface DataType {
  /** Media type. */
  type: string
  /** True for containers whose content is always compressed; the others are sampled. */
  compressed: boolean
}

interface Magic extends DataType {
  at: number
  bytes: string
}

const magic = (type: string, bytes: string, compressed: boolean, at = 0): Magic => ({
  type,
  bytes,
  compressed,
  at,
})

/** Bytes as latin-1 text. Zip, PDF and Parquet may hold stored data, so their content decides, not their magic. */
const magics: readonly Magic[] = [
  magic('application/gzip', '\x1f\x8b', true),
  magic('application/zstd', '\x28\xb5\x2f\xfd', true),
  magic('application/x-xz', '\xfd7zXZ\0', true),
  magic('application/x-bzip2', 'BZh', true),
  magic('application/x-lz4', '\x04\x22\x4d\x18', true),
  magic('application/x-lzip', 'LZIP', true),
  magic('application/x-7z-compressed', "7z\xbc\xaf'\x1c", true),
  magic('application/vnd.rar', 'Rar!\x1a\x07', true),
  magic('video/mp4', 'ftyp', true, 4),
  magic('video/webm', '\x1a\x45\xdf\xa3', true),
  magic('audio/mpeg', 'ID3', true),
  magic('audio/ogg', 'OggS', true),
  magic('audio/flac', 'fLaC', true),
  magic('font/woff', 'wOFF', true),
  magic('font/woff2', 'wOF2', true),
  magic('application/zip', 'PK\x03\x04', false),
  magic('application/pdf', '%PDF-', false),
  magic('application/vnd.apache.parquet', 'PAR1', false),
  magic('application/vnd.sqlite3', 'SQLite format 3\0', false),
  magic('application/wasm', '\0asm', false),
  magic('application/x-executable', '\x7fELF', false),
]

/**
 * Media type of data from its first bytes (a few KiB are enough), never from its name: known containers by their
 * magic, then markup and JSON by how they begin, then any other UTF-8 as text.
 */
export function sniffData(head: Buffer): DataType {
  for (const { at, bytes, type, compressed } of magics) {
    if (head.toString('latin1', at, at + bytes.length) === bytes) return { type, compressed }
  }
  return {
    type: isText(head) ? textType(head.toString('utf8')) : 'application/octet-stream',
    compressed: false,
  }
}

function textType(text: string): string {
  const start = text.replace(/^\ufeff/, '').trimStart()
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i.test(start)) {
    return 'image/svg+xml'
  }
  if (/^<(?:!doctype html|html)[\s>]/i.test(start)) return 'text/html'
  if (start.startsWith('<?xml')) return 'application/xml'
  if (/^(?:\{\s*["}]|\[\s*[[\]{"\d-])/.test(start)) return 'application/json'
  return 'text/plain'
}

/** UTF-8 without NUL. The cut at the end of the head may split a character, so its last bytes do not count. */
function isText(head: Buffer): boolean {
  if (head.length === 0 || head.includes(0)) return false
  for (let cut = 0; cut < 4; cut++) {
    if (isUtf8(head.subarray(0, Math.max(head.length - cut, 0)))) return true
  }
  return false
}
