export type ResolvedRange = { start: number; end: number } | 'unsatisfiable' | undefined

/**
 * The bytes a Range header asks for, both ends included (RFC 9110, section 14). Undefined means the whole: no header,
 * another unit, nonsense, or several ranges, which a server may answer in one piece.
 */
export function resolveRange(header: string | undefined, size: number): ResolvedRange {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header?.replace(/\s/g, '') ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}

/** Whether an If-None-Match header names this entity. Weak tags count, as RFC 9110 says. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}
