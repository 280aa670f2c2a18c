/**
 * How keys become paths. A key is handled as a *byte string*: one character (U+0000 to U+00FF) for each byte of its
 * UTF-8, so that `<`, startsWith and slice work on bytes, in the order the port promises.
 *
 * Each segment between slashes becomes names of `[a-z0-9._-]`, every other byte as `%xx`, ending in what it is:
 *
 *     photos/IMG 1.jpg   →   photos+ / %49%4d%47%201.jpg=        + more segments follow    = the key ends here
 *     80 bytes or more   →   the first 80 bytes ~ / the rest     ~ the segment goes on
 *
 * So `a` and `a/b` coexist, no name is `.` or `..` or reserved on any system, names differ in more than their case, and
 * none exceeds 241 characters. A segment of exactly 80 bytes goes on too (with nothing): therefore siblings sort as
 * their keys do, comparing `text` for `=` and `~` and `text/` for `+`.
 */

/** Bytes of a segment in one name: each may take three characters, and file systems allow 255. */
const chunkBytes = 80

const markers = { '+': 'segment', '=': 'object', '~': 'chunk' } as const

export function toByteString(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1')
}

export function fromByteString(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The names from the root to the pointer file of a key. */
export function keyToNames(bytes: string): string[] {
  const segments = bytes.split('/')
  return segments.flatMap((segment, index) => {
    const names: string[] = []
    let rest = segment
    for (; rest.length >= chunkBytes; rest = rest.slice(chunkBytes)) {
      names.push(`${escapeBytes(rest.slice(0, chunkBytes))}~`)
    }
    names.push(escapeBytes(rest) + (index === segments.length - 1 ? '=' : '+'))
    return names
  })
}

export interface DecodedName {
  /** True for a pointer file, false for a folder. */
  isObject: boolean
  /** What the name adds to a key, with the slash when a segment ends here. */
  bytes: string
}

/** The inverse of one name; undefined for names that `keyToNames` does not write, such as `.DS_Store`. */
export function decodeName(name: string): DecodedName | undefined {
  const kind = markerOf(name)
  if (kind === undefined) return undefined
  const escaped = name.slice(0, -1)
  const text = escaped.replace(/%([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const fits = kind === 'chunk' ? text.length === chunkBytes : text.length < chunkBytes
  if (!fits || text.includes('/') || escapeBytes(text) !== escaped) return undefined
  return { isObject: kind === 'object', bytes: kind === 'segment' ? `${text}/` : text }
}

/** The folder that holds every key with this prefix, and the bytes those keys begin with by lying there. */
export function prefixFolder(prefixBytes: string): { names: string[]; bytes: string } {
  const names = keyToNames(prefixBytes).slice(0, -1)
  return { names, bytes: names.map((name) => decodeName(name)?.bytes ?? '').join('') }
}

function markerOf(name: string): (typeof markers)[keyof typeof markers] | undefined {
  const last = name.at(-1)
  return last === '+' || last === '=' || last === '~' ? markers[last] : undefined
}

function escapeBytes(text: string): string {
  return text.replace(/[^a-z0-9._-]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
