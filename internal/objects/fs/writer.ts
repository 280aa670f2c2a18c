import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { checkAttributes } from '../attributes.ts'
import { type Content, consume, throwIfAborted } from '../content.ts'
import { checkKey } from '../key.ts'
import type { ObjectInfo, PutOptions } from '../port.ts'
import { flushable } from './durability.ts'
import type { Folders } from './folders.ts'
import { type Journal, objectExists } from './journal.ts'
import type { Layout } from './layout.ts'
import { tryLink } from './links.ts'
import { OpenFile } from './open-file.ts'
import { type Pointer, readPointer, toInfo } from './pointer.ts'

interface Parts {
  layout: Layout
  folders: Folders
  journal: Journal
  now: () => Date
}

/** Bytes read or written at once: a network hands them over in smaller pieces, and each call costs more than its bytes. */
const stepBytes = 1 << 18

/** What a blob holds, and the blob, open so that it can be flushed. */
interface Written {
  content: Content
  blob: OpenFile
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
    return this.#write(key, options, (blob) => this.#receive(blob, body, options))
  }

  /** A further name for the file's bytes where that is possible, else a copy of them. */
  file(key: string, path: string, options: PutOptions): Promise<ObjectInfo> {
    return this.#write(key, options, async (blob) => {
      const stat = await lstat(path)
      // A link to a symbolic link would be one: those are copied.
      const linked = stat.isFile() && (await this.#folders.within(dirname(blob), () => tryLink(path, blob)))
      if (linked) {
        return written(new OpenFile(blob, flushable), options, (file) =>
          consume(bytesOf(file, stat), options),
        )
      }
      const body = createReadStream(path)
      try {
        return await this.#receive(blob, body, options)
      } finally {
        body.destroy()
      }
    })
  }

  /** `fill` makes the blob and says what is in it. */
  async #write(
    key: string,
    options: PutOptions,
    fill: (blob: string) => Promise<Written>,
  ): Promise<ObjectInfo> {
    const { attributes = {}, ifAbsent = false, signal } = options
    checkKey(key)
    checkAttributes(attributes)
    throwIfAborted(signal)
    // Spares the upload; two that pass here together are told apart when they are put in place.
    if (ifAbsent && (await readPointer(this.#layout.pointer(key))) !== undefined) throw objectExists(key)
    const id = randomUUID()
    const filled = async () => {
      const { content, blob } = await fill(this.#layout.blob(id))
      const lastModified = this.#now().getTime()
      const pointer: Pointer = {
        version: 1,
        key,
        blob: id,
        ...content,
        lastModified,
        attributes: { ...attributes },
      }
      return { pointer, blob }
    }
    return toInfo(await this.#journal.write(id, filled, { ifAbsent }))
  }

  /** Writes a body to a new blob, read-only to others: links to it are handed out, and nobody may change it. */
  async #receive(blob: string, body: Readable, options: PutOptions): Promise<Written> {
    const opened = await this.#folders.within(dirname(blob), async () => new OpenFile(blob, 'wx', 0o444))
    return written(opened, options, async (file) => {
      let waiting: Uint8Array[] = []
      const flush = async () => {
        const chunks = waiting
        waiting = []
        await file.write(chunks)
      }
      const content = await consume(body, options, async (chunk) => {
        waiting.push(chunk)
        if (waiting.reduce((sum, { length }) => sum + length, 0) >= stepBytes) await flush()
      })
      if (waiting.length > 0) await flush()
      return content
    })
  }
}

/** Leaves the file open unless `fill` fails or nobody wants it any more. */
async function written(
  blob: OpenFile,
  { signal }: PutOptions,
  fill: (blob: OpenFile) => Promise<Content>,
): Promise<Written> {
  try {
    const content = await fill(blob)
    throwIfAborted(signal)
    return { content, blob }
  } catch (error) {
    blob[Symbol.dispose]()
    throw error
  }
}

/** A file's bytes, in few calls when it is small: a stream of Node's own asks once more than it has to. */
function bytesOf(file: OpenFile, { size }: { size: number }): Readable {
  return Readable.from(stepsOf(file, size))
}

async function* stepsOf(file: OpenFile, size: number): AsyncGenerator<Uint8Array> {
  const step = Math.min(size + 1, stepBytes)
  for (let at = 0; ; ) {
    const bytes = await file.read(at, step)
    if (bytes.length === 0) return
    yield bytes
    at += bytes.length
    // Short of what was asked for and not short of its size: that was the end.
    if (bytes.length < step && at >= size) return
  }
}
