import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { KompressorError } from '../../errors/index.ts'
import { checkAttributes } from '../attributes.ts'
import { checkKey, checkKeyPart } from '../key.ts'
import type {
  GetOptions,
  ListOptions,
  ObjectInfo,
  ObjectStore,
  PresignedRequest,
  PresignGetOptions,
  PresignPutOptions,
  PutOptions,
} from '../port.ts'
import { type Content, consume, destroyOnAbort, throwIfAborted } from './content.ts'
import { fsyncs, noSyncs } from './durability.ts'
import { Folders } from './folders.ts'
import { Journal, objectExists } from './journal.ts'
import { Layout } from './layout.ts'
import { copyOut, tryLink } from './links.ts'
import { walkKeys } from './listing.ts'
import { mapLimit } from './map-limit.ts'
import { Operations } from './operations.ts'
import { type Pointer, readPointer, toInfo } from './pointer.ts'
import { resolveRange } from './range.ts'
import { type SigningOptions, UrlSigner, type VerifiedUrl } from './signing.ts'
import { hasCode } from './system-error.ts'

export interface FsObjectStoreOptions extends SigningOptions {
  /**
   * Folder that holds the store, created when absent; at most about 900 characters, so that the longest keys fit below
   * it. One process at a time: the caller holds a lock. Its file system needs hard links.
   */
  root: string
  /** Default true. False leaves writing to the system: faster, and a power cut may lose or tear recent objects. */
  durable?: boolean
  /** Default: the system's clock. */
  now?: () => Date
}

/** The object store of standalone installs. Lists carry a storage class as their only attribute, as those of S3 do. */
export interface FsObjectStore extends ObjectStore {
  /**
   * What a signed URL allows. `url` is absolute or a request's target. Throws bad_signature and url_expired.
   *
   *     const granted = store.verifyUrl('PUT', request.url, new Date())
   *     if (granted.method === 'PUT') await store.put(granted.key, body, granted.put)
   */
  verifyUrl(method: string, url: string, now: Date): VerifiedUrl
  /** Refuses new calls with shutting_down and waits for those under way; bodies being read go on. Repeatable. */
  close(): Promise<void>
}

/** Opens the store and removes what a crash left. Throws invalid_configuration for a secret too short. */
export async function createFsObjectStore(options: FsObjectStoreOptions): Promise<FsObjectStore> {
  const { root, durable = true, now = () => new Date() } = options
  const signer = new UrlSigner(options)
  const durability = durable ? fsyncs : noSyncs
  const folders = new Folders(durability)
  const layout = new Layout(root)
  const journal = new Journal(layout, folders, durability)
  await mkdir(root, { recursive: true })
  for (const folder of [layout.blobs, layout.keys, layout.pending]) await folders.make(folder)
  await journal.recover()
  return new FsStore({ layout, folders, journal, signer, now })
}

interface Parts {
  layout: Layout
  folders: Folders
  journal: Journal
  signer: UrlSigner
  now: () => Date
}

class FsStore implements FsObjectStore {
  readonly #layout: Layout
  readonly #folders: Folders
  readonly #journal: Journal
  readonly #signer: UrlSigner
  readonly #now: () => Date
  readonly #operations = new Operations()

  constructor({ layout, folders, journal, signer, now }: Parts) {
    this.#layout = layout
    this.#folders = folders
    this.#journal = journal
    this.#signer = signer
    this.#now = now
  }

  put(key: string, body: Readable, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#operations.run(() => this.#write(key, options, (blob) => this.#receive(blob, body, options)))
  }

  putFile(key: string, path: string, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#operations.run(() =>
      this.#write(key, options, async (blob) => {
        const stat = await lstat(path)
        // A link to a symbolic link would be one: those are copied.
        const linked = stat.isFile() && (await this.#folders.within(dirname(blob), () => tryLink(path, blob)))
        const body = createReadStream(path)
        try {
          return await (linked ? consume(body, options) : this.#receive(blob, body, options))
        } finally {
          body.destroy()
        }
      }),
    )
  }

  get(key: string, options: GetOptions = {}): Promise<{ info: ObjectInfo; body: Readable }> {
    const { range, signal } = options
    return this.#operations.run(() =>
      this.#withBlob(key, async (pointer, blob) => {
        throwIfAborted(signal)
        const bounds = resolveRange(range, pointer.size)
        const handle = await open(blob, 'r')
        if (signal?.aborted) await handle.close()
        throwIfAborted(signal)
        const body = handle.createReadStream(bounds)
        if (signal !== undefined) body.once('close', destroyOnAbort(body, signal))
        return { info: toInfo(pointer), body }
      }),
    )
  }

  getFile(key: string, path: string, options: { signal?: AbortSignal } = {}): Promise<ObjectInfo> {
    return this.#operations.run(() =>
      this.#withBlob(key, async (pointer, blob) => {
        throwIfAborted(options.signal)
        if (!(await tryLink(blob, path))) await copyOut(blob, path, options.signal)
        return toInfo(pointer)
      }),
    )
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#operations.run(async () => {
      const pointer = await this.#find(key)
      return pointer && toInfo(pointer)
    })
  }

  list(options: ListOptions): Promise<{ items: ObjectInfo[]; next?: string }> {
    return this.#operations.run(async () => {
      const { prefix = '', startAfter = '', limit = 1000 } = options
      checkKeyPart('prefix', prefix)
      checkKeyPart('position', startAfter)
      if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1000)) {
        throw new KompressorError('invalid_request', `The limit of a listing is 1 to 1,000, not ${limit}`)
      }
      const keys: string[] = []
      for await (const key of walkKeys(this.#layout.keys, prefix, startAfter)) {
        keys.push(key)
        if (keys.length > limit) break
      }
      const page = keys.slice(0, limit)
      const pointers = await mapLimit(page, (key) => readPointer(this.#layout.pointer(key)))
      const items = pointers.filter((pointer) => pointer !== undefined).map(toListed)
      const last = page.at(-1)
      return keys.length > limit && last !== undefined ? { items, next: last } : { items }
    })
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#operations.run(async () => {
      for (const key of keys) checkKey(key)
      await this.#journal.remove(keys)
    })
  }

  async presignPut(key: string, options: PresignPutOptions): Promise<PresignedRequest> {
    checkKey(key)
    return this.#signer.put(key, options)
  }

  async presignGet(key: string, options: PresignGetOptions): Promise<PresignedRequest> {
    checkKey(key)
    return this.#signer.get(key, options)
  }

  verifyUrl(method: string, url: string, now: Date): VerifiedUrl {
    return this.#signer.verify(method, url, now)
  }

  close(): Promise<void> {
    return this.#operations.close()
  }

  async #write(
    key: string,
    options: PutOptions,
    fill: (blob: string) => Promise<Content>,
  ): Promise<ObjectInfo> {
    const { attributes = {}, ifAbsent = false, signal } = options
    checkKey(key)
    checkAttributes(attributes)
    throwIfAborted(signal)
    // Spares the upload; two that pass here together are told apart when they are put in place.
    if (ifAbsent && (await this.#find(key)) !== undefined) throw objectExists(key)
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
  async #receive(blob: string, body: Readable, options: PutOptions): Promise<Content> {
    const handle = await this.#folders.within(dirname(blob), () => open(blob, 'wx', 0o444))
    try {
      return await consume(body, options, (chunk) => handle.writeFile(chunk))
    } finally {
      await handle.close()
    }
  }

  async #find(key: string): Promise<Pointer | undefined> {
    checkKey(key)
    return readPointer(this.#layout.pointer(key))
  }

  /** Runs `act` on the current blob, again when the object is replaced in between. */
  async #withBlob<T>(key: string, act: (pointer: Pointer, blob: string) => Promise<T>): Promise<T> {
    let gone: { blob: string; error: unknown } | undefined
    for (;;) {
      const pointer = await this.#find(key)
      if (pointer === undefined)
        throw new KompressorError('object_not_found', `There is no object ${JSON.stringify(key)}`)
      if (pointer.blob === gone?.blob) {
        throw new KompressorError('internal', `The bytes of ${JSON.stringify(key)} cannot be reached`, {
          cause: gone.error,
        })
      }
      try {
        return await act(pointer, this.#layout.blob(pointer.blob))
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) throw error
        gone = { blob: pointer.blob, error }
      }
    }
  }
}

function toListed(pointer: Pointer): ObjectInfo {
  const { storageClass } = pointer.attributes
  return { ...toInfo(pointer), attributes: storageClass === undefined ? {} : { storageClass } }
}
