import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { toKompressorError } from '../../errors/index.ts'
import { consume, type Expectations } from '../content.ts'
import { uploadNotFound } from '../parts.ts'
import type { ObjectAttributes, OpenUpload, UploadedPart } from '../port.ts'
import { allDone, hasCode, unlessCode } from '../system-error.ts'
import type { Durability } from './durability.ts'
import { KeyLocks } from './key-locks.ts'
import type { Layout } from './layout.ts'
import { attributesSchema } from './pointer.ts'

const descriptionSchema = z.object({
  version: z.literal(1),
  key: z.string(),
  /** Milliseconds since the epoch. */
  startedAt: z.int(),
  attributes: attributesSchema,
})

type Description = z.infer<typeof descriptionSchema>

/** A part on the disk. */
export interface StoredPart extends UploadedPart {
  path: string
}

const description = 'upload.json'
/** `part-3-5242880-ab12…`: number, size, SHA-256. A part that is being received has another name. */
const partName = /^part-(\d+)-(\d+)-([0-9a-f]{64})$/

/**
 * Uploads in parts. An upload is the folder `uploads/{id}`: it begins when `upload.json` is renamed into it and ends when
 * that is removed, so a folder without one is what a crash left. A part is received under a name of its own and then
 * renamed, so a part is there whole or not at all.
 */
export class Uploads {
  readonly #layout: Layout
  readonly #durability: Durability
  /** What the folders say: they are this process's alone. */
  readonly #open = new Map<string, Description>()
  readonly #locks = new KeyLocks()

  constructor(layout: Layout, durability: Durability) {
    this.#layout = layout
    this.#durability = durability
  }

  /** Reads what is there and removes what a crash left. Only while nothing else uses the store. */
  async recover(): Promise<void> {
    for (const id of await readdir(this.#layout.uploads)) {
      const text = await unlessCode(
        readFile(join(this.#folder(id), description), 'utf8'),
        'ENOENT',
        'ENOTDIR',
      )
      const described = text === undefined ? undefined : decode(text)
      if (described === undefined) {
        await rm(this.#folder(id), { recursive: true, force: true })
        continue
      }
      this.#open.set(id, described)
      for (const name of await readdir(this.#folder(id))) {
        if (name !== description && !partName.test(name)) await rm(join(this.#folder(id), name))
      }
    }
  }

  async create(key: string, attributes: ObjectAttributes, startedAt: Date): Promise<string> {
    const id = randomUUID()
    const folder = this.#folder(id)
    const described: Description = { version: 1, key, startedAt: startedAt.getTime(), attributes }
    try {
      await mkdir(folder)
      await this.#enter(id, description, (path) => writeNew(path, JSON.stringify(described)))
      await this.#durability.folder(this.#layout.uploads)
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
    this.#open.set(id, described)
    return id
  }

  /** Runs something that must not meet the upload's end. Throws upload_not_found. */
  run<T>(key: string, id: string, act: (upload: Description) => Promise<T>): Promise<T> {
    return this.#locks.run(id, () => act(this.#require(key, id)))
  }

  /** Receives a part; one of the same number that came before is replaced when this one is whole. */
  async put(
    key: string,
    { uploadId: id, partNumber }: { uploadId: string; partNumber: number },
    body: Readable,
    expected: Expectations,
  ): Promise<UploadedPart> {
    this.#require(key, id)
    const receiving = join(this.#folder(id), `receiving-${randomUUID()}`)
    try {
      const { size, sha256 } = await receive(receiving, body, expected)
      await this.#durability.file(receiving)
      return await this.run(key, id, async () => {
        const name = `part-${partNumber}-${size}-${sha256}`
        const before = (await this.parts(id)).filter((part) => part.partNumber === partNumber)
        await rename(receiving, join(this.#folder(id), name))
        await this.#durability.folder(this.#folder(id))
        const replaced = before.filter((part) => part.path !== join(this.#folder(id), name))
        await allDone(replaced.map((part) => rm(part.path)))
        return { partNumber, size, etag: sha256 }
      })
    } catch (error) {
      await rm(receiving, { force: true })
      // The upload ended while its part came in.
      if (hasCode(error, 'ENOENT')) this.#require(key, id)
      throw error
    }
  }

  /** Of two parts of one number, which a crash in the middle of a replacement leaves, the first found. */
  async parts(id: string): Promise<StoredPart[]> {
    const parts = new Map<number, StoredPart>()
    for (const name of await readdir(this.#folder(id))) {
      const [, number, size, etag] = partName.exec(name) ?? []
      if (etag === undefined) continue
      const partNumber = Number(number)
      parts.set(partNumber, { partNumber, size: Number(size), etag, path: join(this.#folder(id), name) })
    }
    return [...parts.values()].toSorted((a, b) => a.partNumber - b.partNumber)
  }

  /** Ends an upload. Only within `run`. */
  async remove(id: string): Promise<void> {
    this.#open.delete(id)
    await rm(join(this.#folder(id), description), { force: true })
    // A part may be coming in: its file appears between the reading of the folder and its removal.
    await rm(this.#folder(id), { recursive: true, force: true, maxRetries: 5 })
  }

  *list(prefix: string): Generator<OpenUpload> {
    for (const [uploadId, { key, startedAt }] of this.#open) {
      if (key.startsWith(prefix)) yield { key, uploadId, startedAt: new Date(startedAt) }
    }
  }

  #require(key: string, id: string): Description {
    const upload = this.#open.get(id)
    if (upload?.key !== key) throw uploadNotFound(key)
    return upload
  }

  #folder(id: string): string {
    return join(this.#layout.uploads, id)
  }

  /** Writes a file and renames it into the folder of the upload, durably. */
  async #enter(id: string, name: string, write: (path: string) => Promise<void>): Promise<void> {
    const path = join(this.#folder(id), `receiving-${randomUUID()}`)
    await write(path)
    await this.#durability.file(path)
    await rename(path, join(this.#folder(id), name))
    await this.#durability.folder(this.#folder(id))
  }
}

/** The bytes of parts one after the other. */
export function streamOf(parts: readonly StoredPart[]): Readable {
  const chunks = async function* () {
    try {
      for (const part of parts) yield* createReadStream(part.path)
    } catch (error) {
      throw toKompressorError(error, 'storage_unavailable')
    }
  }
  return Readable.from(chunks(), { objectMode: false })
}

/** Undefined for what a crash left half written. */
function decode(text: string): Description | undefined {
  try {
    return descriptionSchema.safeParse(JSON.parse(text)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function receive(path: string, body: Readable, expected: Expectations) {
  const handle = await open(path, 'wx', 0o444)
  try {
    return await consume(body, expected, (chunk) => handle.writeFile(chunk))
  } finally {
    await handle.close()
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
}
