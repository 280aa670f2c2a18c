import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { checkAttributes } from '../attributes.ts'
import { type Content, consume, throwIfAborted } from '../content.ts'
import { checkKey } from '../key.ts'
import type { ObjectInfo, PutOptions } from '../port.ts'
import type { Folders } from './folders.ts'
import { type Journal, objectExists } from './journal.ts'
import type { Layout } from './layout.ts'
import { type Pointer, readPointer, toInfo } from './pointer.ts'

interface Parts {
  layout: Layout
  folders: Folders
  journal: Journal
  now: () => Date
}

/** Makes objects of bytes, wherever they come from. */
export class Writer {
  readonly #layout: Layout
  readonly #folders: Folders
  readonly #journal: Journal
  readonly #now: () => Date

  constructor({ layout, folders, journal, now }: Parts) {
    this.#layout = layout
    this.#folders = folders
    this.#journal = journal
    this.#now = now
  }

  stream(key: string, body: Readable, options: PutOptions): Promise<ObjectInfo> {
    return this.write(key, options, (blob) => this.receive(blob, body, options))
  }

  /** `fill` makes the blob and says what is in it. */
  async write(
    key: string,
    options: PutOptions,
    fill: (blob: string) => Promise<Content>,
  ): Promise<ObjectInfo> {
    const { attributes = {}, ifAbsent = false, signal } = options
    checkKey(key)
    checkAttributes(attributes)
    throwIfAborted(signal)
    // Spares the upload; two that pass here together are told apart when they are put in place.
    if (ifAbsent && (await readPointer(this.#layout.pointer(key))) !== undefined) throw objectExists(key)
    const id = randomUUID()
    const filled = async (): Promise<Pointer> => {
      const content = await fill(this.#layout.blob(id))
      throwIfAborted(signal)
      const lastModified = this.#now().getTime()
      return { version: 1, key, blob: id, ...content, lastModified, attributes: { ...attributes } }
    }
    return toInfo(await this.#journal.write(id, filled, { ifAbsent }))
  }

  /** Writes a body to a new blob, read-only to others: links to it are handed out, and nobody may change it. */
  async receive(blob: string, body: Readable, options: PutOptions): Promise<Content> {
    const handle = await this.#folders.within(dirname(blob), () => open(blob, 'wx', 0o444))
    try {
      return await consume(body, options, (chunk) => handle.writeFile(chunk))
    } finally {
      await handle.close()
    }
  }
}
