import type { ObjectInfo, ObjectStore } from '../../internal/objects/index.ts'

/**
 * The listing of a bucket that does not exist: `count` objects with names, sizes and ETags as photographs have them,
 * made as they are asked for. Nothing is held, so that what is measured is the planner.
 */
export function syntheticListing(
  count: number,
  prefix = 'photos/',
): Pick<ObjectStore, 'list'> & { keyAt(index: number): string } {
  const keyAt = (index: number) => {
    const folder = String(Math.floor(index / 1_000)).padStart(7, '0')
    return `${prefix}${folder}/${String(index % 1_000).padStart(3, '0')}-${scrambled(index).slice(0, 12)}.jpg`
  }
  const objectAt = (index: number): ObjectInfo => ({
    key: keyAt(index),
    size: 20_000 + ((index * 2_654_435_761) % 4_000_000),
    etag: scrambled(index + 1),
    lastModified: new Date(1_700_000_000_000 + index),
    attributes: { storageClass: 'STANDARD' },
  })
  return {
    keyAt,
    async list({ startAfter, limit = 1_000 }) {
      const from = startAfter === undefined ? 0 : indexOf(startAfter.slice(prefix.length)) + 1
      const items = Array.from({ length: Math.min(limit, count - from) }, (_, i) => objectAt(from + i))
      const last = items.at(-1)
      return { items, ...(last !== undefined && from + items.length < count && { next: last.key }) }
    },
  }
}

function indexOf(path: string): number {
  return Number(path.slice(0, 7)) * 1_000 + Number(path.slice(8, 11))
}

/** 32 hexadecimal digits that do not compress, like an ETag's (four rounds of a 32-bit mixer: Wellons 2018, lowbias32). */
function scrambled(seed: number): string {
  let digits = ''
  for (let round = 0; round < 4; round += 1) {
    let x = (seed * 4 + round) | 0
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
    digits += ((x ^ (x >>> 16)) >>> 0).toString(16).padStart(8, '0')
  }
  return digits
}
