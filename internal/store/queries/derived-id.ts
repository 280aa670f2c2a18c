import { createHash } from 'node:crypto'

/**
 * An id that follows from another: the same transaction done twice makes the same rows. Shaped as a UUID of version 8
 * (RFC 9562), which leaves the bits to whoever makes it.
 */
export function derivedId(parent: string, part: string): string {
  const hash = createHash('sha256').update(`${parent}/${part}`).digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}
