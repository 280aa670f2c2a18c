import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessCode } from '../system-error.ts'
import { type DecodedName, decodeName, fromByteString, prefixFolder, toByteString } from './key-path.ts'

interface Selection {
  prefix: string
  startAfter: string
}

/**
 * The keys below a root in the order of their bytes, reading only folders that can hold keys with the prefix that
 * come after `startAfter`. A key put or removed meanwhile may or may not be seen.
 */
export async function* walkKeys(root: string, prefix: string, startAfter: string): AsyncGenerator<string> {
  const selection = { prefix: toByteString(prefix), startAfter: toByteString(startAfter) }
  const { names, bytes } = prefixFolder(selection.prefix)
  for await (const key of walk(join(root, ...names), bytes, selection)) yield fromByteString(key)
}

async function* walk(folder: string, bytes: string, selection: Selection): AsyncGenerator<string> {
  const names = (await unlessCode(readdir(folder), 'ENOENT')) ?? []
  const entries = names
    .map((name) => child(name, bytes))
    .filter((entry) => entry !== undefined)
    .filter((entry) => mayHold(entry, selection))
    .toSorted((a, b) => (a.bytes < b.bytes ? -1 : 1))
  for (const entry of entries) {
    if (entry.isObject) yield entry.bytes
    else yield* walk(join(folder, entry.name), entry.bytes, selection)
  }
}

function child(name: string, parentBytes: string): (DecodedName & { name: string }) | undefined {
  const decoded = decodeName(name)
  return decoded && { ...decoded, name, bytes: parentBytes + decoded.bytes }
}

/** `bytes` is a key or what all keys of a folder begin with; the folders that the prefix names lie behind us. */
function mayHold({ isObject, bytes }: DecodedName, { prefix, startAfter }: Selection): boolean {
  if (!bytes.startsWith(prefix)) return false
  return bytes > startAfter || (!isObject && startAfter.startsWith(bytes))
}
