import { link, readdir, readFile, rename, rm, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import { mapLimit } from '../map-limit.ts'
import { allDone, unlessCode } from '../system-error.ts'
import type { Durability } from './durability.ts'
import type { Folders } from './folders.ts'
import { KeyLocks } from './key-locks.ts'
import type { Layout } from './layout.ts'
import { OpenFile } from './open-file.ts'
import { decodePointer, encodePointer, type Pointer, readPointer } from './pointer.ts'

/** A blob that was written, still open so that it can be flushed without opening it again. */
export interface Filled {
  pointer: Pointer
  blob: OpenFile
}

const blobId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function objectExists(key: string): KompressorError {
  return new KompressorError('object_exists', `The object ${JSON.stringify(key)} exists already`)
}

/**
 * The life of a blob. Every blob that its key's pointer does not name has a marker in pending/, whatever line a crash
 * falls on, so that recovery reads those few and opening takes the same time whatever the store holds.
 *
 *     write    make pending/new, empty            a marker that is no whole pointer: the blob is nobody's
 *              fill blobs/new
 *              complete pending/new               it is the pointer now; synced with the blob and the blob's folder
 *              link pending/old to keys/…         if there is an old object
 *              rename pending/new over keys/…     from here on readers see the new object; link instead if it must
 *              sync the folder                    be the first, then remove pending/new
 *              remove blobs/old, pending/old      readers that have it open go on reading
 *     remove   link pending/old to keys/…, remove keys/…, sync the folder, remove blobs/old, pending/old
 *
 * A power cut on a file system that reorders changes of folders may lose a marker: that leaks a blob and loses nothing.
 */
export class Journal {
  readonly #layout: Layout
  readonly #folders: Folders
  readonly #durability: Durability
  readonly #locks = new KeyLocks()

  constructor(layout: Layout, folders: Folders, durability: Durability) {
    this.#layout = layout
    this.#folders = folders
    this.#durability = durability
  }

  /**
   * Writes one object: `fill` writes blob `id` and returns it with its pointer. After a failure nothing of it is left,
   * unless the failure came after the new object was in place, where it stays.
   */
  async write(id: string, fill: () => Promise<Filled>, options: { ifAbsent: boolean }): Promise<Pointer> {
    const pointer = await this.#orAbandon(id, () => this.#prepare(id, fill))
    await this.#locks.run(pointer.key, () =>
      options.ifAbsent ? this.#placeFirst(pointer) : this.#replace(pointer),
    )
    return pointer
  }

  /** Removes what the keys hold; absent keys are not an error. */
  async remove(keys: readonly string[]): Promise<void> {
    const found = await mapLimit(keys, (key) => this.#locks.run(key, () => this.#takeOut(key)))
    const retired = found.filter((pointer) => pointer !== undefined)
    const folders = new Set(retired.map((pointer) => dirname(this.#layout.pointer(pointer.key))))
    await mapLimit([...folders], (folder) => this.#durability.folder(folder))
    await mapLimit(retired, (pointer) => this.#forget(pointer))
  }

  /** Removes what a crash left. Only while nothing else uses the store. Returns the number of markers it found. */
  async recover(): Promise<number> {
    const ids = (await readdir(this.#layout.pending)).filter((name) => blobId.test(name))
    for (const id of ids) {
      const marker = decodePointer(await readFile(this.#layout.marker(id), 'utf8'))
      const current = marker && (await readPointer(this.#layout.pointer(marker.key)))
      if (current?.blob !== id) await rm(this.#layout.blob(id), { force: true })
      if (marker !== undefined) await this.#prune(marker.key)
      await unlink(this.#layout.marker(id))
    }
    return ids.length
  }

  async #prepare(id: string, fill: () => Promise<Filled>): Promise<Pointer> {
    using marker = new OpenFile(this.#layout.marker(id), 'wx')
    const { pointer, blob } = await fill()
    using written = blob
    await allDone([
      this.#durability.opened(written),
      this.#durability.folder(dirname(this.#layout.blob(id))),
      this.#complete(marker, pointer),
    ])
    return pointer
  }

  async #complete(marker: OpenFile, pointer: Pointer): Promise<void> {
    await marker.write([Buffer.from(encodePointer(pointer))])
    await this.#durability.opened(marker)
  }

  /** Puts the pointer in place where none is. A link is atomic and fails if the name is taken, as a rename does not. */
  async #placeFirst(pointer: Pointer): Promise<void> {
    const marker = this.#layout.marker(pointer.blob)
    const path = this.#layout.pointer(pointer.key)
    await this.#orAbandon(pointer.blob, async () => {
      const linked = () =>
        unlessCode(
          link(marker, path).then(() => true),
          'EEXIST',
        )
      if (await this.#place(pointer.key, linked)) return
      throw objectExists(pointer.key)
    })
    await this.#durability.folder(dirname(path))
    await unlink(marker)
  }

  async #replace(pointer: Pointer): Promise<void> {
    const path = this.#layout.pointer(pointer.key)
    const old = await this.#orAbandon(pointer.blob, async () => {
      const current = await readPointer(path)
      const moved = () => this.#place(pointer.key, () => rename(this.#layout.marker(pointer.blob), path))
      await (current === undefined ? moved() : this.#retire(current, moved))
      return current
    })
    await this.#durability.folder(dirname(path))
    if (old !== undefined) await this.#forget(old)
  }

  async #takeOut(key: string): Promise<Pointer | undefined> {
    const path = this.#layout.pointer(key)
    const current = await readPointer(path)
    if (current !== undefined) await this.#retire(current, () => unlink(path))
    return current
  }

  /** Enters a key's folder; leaves no empty folders behind when that fails. */
  async #place<T>(key: string, enter: () => Promise<T>): Promise<T> {
    try {
      return await this.#folders.within(dirname(this.#layout.pointer(key)), enter)
    } catch (error) {
      await this.#prune(key)
      throw error
    }
  }

  /** Marks the blob of a pointer that `act` takes out of its place. */
  async #retire(current: Pointer, act: () => Promise<void>): Promise<void> {
    const marker = this.#layout.marker(current.blob)
    await unlessCode(link(this.#layout.pointer(current.key), marker), 'EEXIST')
    try {
      await act()
    } catch (error) {
      await rm(marker, { force: true })
      throw error
    }
  }

  async #forget(retired: Pointer): Promise<void> {
    await rm(this.#layout.blob(retired.blob), { force: true })
    await this.#prune(retired.key)
    await unlink(this.#layout.marker(retired.blob))
  }

  async #prune(key: string): Promise<void> {
    await this.#folders.prune(dirname(this.#layout.pointer(key)), this.#layout.keys)
  }

  async #orAbandon<T>(id: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      await this.#abandon(id, error)
      throw error
    }
  }

  /** The marker goes last: if the blob cannot be removed now, the next opening removes it. */
  async #abandon(id: string, reason: unknown): Promise<void> {
    try {
      await rm(this.#layout.blob(id), { force: true })
      await rm(this.#layout.marker(id), { force: true })
    } catch (error) {
      const { code, message } = toKompressorError(reason, 'storage_unavailable')
      throw new KompressorError(code, `${message} (and cleaning up failed)`, {
        cause: new AggregateError([reason, error]),
      })
    }
  }
}
