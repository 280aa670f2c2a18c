import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect } from 'vitest'

/** What lies in a store's folder, read without the store's own code. */
export interface StoreFiles {
  pending: string[]
  /** Of uploads in parts. */
  uploads: string[]
  blobs: string[]
  pointers: { key: string; blob: string; size: number; sha256: string }[]
}

export async function readStoreFiles(root: string): Promise<StoreFiles> {
  const files = async (folder: string) => {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  }
  const pointers = (await files('keys')).map(async (path) => JSON.parse(await readFile(path, 'utf8')))
  return {
    pending: (await files('pending')).map((path) => basename(path)),
    uploads: await readdir(join(root, 'uploads'), { recursive: true }),
    blobs: (await files('blobs')).map((path) => basename(path)).toSorted(),
    pointers: await Promise.all(pointers),
  }
}

/** Expects no marker, no upload, no orphaned blob, no empty folder of keys, and every object's bytes to be what its pointer says. */
export async function expectConsistent(root: string): Promise<StoreFiles> {
  const found = await readStoreFiles(root)
  expect(found.pending).toEqual([])
  expect(found.uploads).toEqual([])
  expect(found.blobs).toEqual(found.pointers.map((pointer) => pointer.blob).toSorted())
  for (const { blob, size, sha256 } of found.pointers) {
    const bytes = await readFile(join(root, 'blobs', blob.slice(0, 2), blob))
    expect({ size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }).toEqual({
      size,
      sha256,
    })
  }
  expect(await emptyFolders(join(root, 'keys'))).toEqual([])
  return found
}

async function emptyFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const parents = new Set(entries.map((entry) => entry.parentPath))
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !parents.has(path))
}
