import type { ObjectInfo, ObjectStore } from '../../objects/index.ts'

/** What is at a key of the output, asked for once; undefined when nothing is. */
export type Look = (key: string) => Promise<ObjectInfo | undefined>

/** From this many keys on they are listed: S3 takes for a listing what it takes for a dozen looks. */
const worthListing = 16

/** Keys listed at most: one page. What lies between those that are asked for is listed along. */
const pageSize = 1000

/**
 * Looks at keys of the output, of which most are usually not there: one listing says so of all together, and only the
 * others are asked for one by one. The listing is as old as the chunk; whoever writes must find out for himself whether
 * something has come since.
 *
 * @param keys those that will be looked at, more or less; others may be too
 */
export function lookTogether(output: Pick<ObjectStore, 'head' | 'list'>, keys: readonly string[]): Look {
  const distinct = [...new Set(keys)].sort(byBytes)
  if (distinct.length < worthListing) return once((key) => output.head(key))
  // What cannot be listed is looked at key by key, and each object hears what is wrong with its own.
  const listing = list(output, distinct).catch(() => undefined)
  return once(async (key) => {
    const isAbsent = await listing
    return isAbsent?.(key) ? undefined : await output.head(key)
  })
}

function once(look: Look): Look {
  const looks = new Map<string, ReturnType<Look>>()
  return (key) => {
    const known = looks.get(key) ?? look(key)
    looks.set(key, known)
    return known
  }
}

/** Lists what there is from the first key to the last. The function returned is true of keys that are certainly not there. */
async function list(
  output: Pick<ObjectStore, 'list'>,
  sorted: readonly string[],
): Promise<(key: string) => boolean> {
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)]
  const prefix = commonPrefix(first, last)
  // The longest position before the first key that is certain to be one: the key without its end.
  const startAfter = [...first].slice(0, -1).join('')
  const { items, next } = await output.list({ prefix, startAfter, limit: pageSize })
  const there = new Set(items.map(({ key }) => key))
  const end = next === undefined ? undefined : (items.at(-1)?.key ?? startAfter)
  return (key) =>
    key.startsWith(prefix) &&
    byBytes(key, first) >= 0 &&
    (end === undefined || byBytes(key, end) <= 0) &&
    !there.has(key)
}

function commonPrefix(a: string, b: string): string {
  const [left, right] = [[...a], [...b]]
  const differs = left.findIndex((character, i) => character !== right[i])
  return left.slice(0, differs === -1 ? left.length : differs).join('')
}

/** The order in which stores list keys. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
