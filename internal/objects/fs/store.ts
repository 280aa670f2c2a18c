import { mkdir, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { KompressorError } from '../../errors/index.ts'
import { checkAttributes } from '../attributes.ts'
import { destroyOnAbort, throwIfAborted } from '../content.ts'
import { checkKey, checkKeyPart } from '../key.ts'
import { mapLimit } from '../map-limit.ts'
import { checkPart, chooseParts } from '../parts.ts'
import type {
  CompleteUploadOptions,
  GetOptions,
  ListOptions,
  ObjectAttributes,
  ObjectInfo,
  ObjectStore,
  OpenUpload,
  PresignedRequest,
  PresignGetOptions,
  PresignPartOptions,
  PresignPutOptions,
  PutOptions,
  UploadedPart,
} from '../port.ts'
import { resolveRange } from '../range.ts'
import { hasCode } from '../system-error.ts'
import { fsyncs, noSyncs } from './durability.ts'
import { Folders } from './folders.ts'
import { Journal } from './journal.ts'
import { Layout } from './layout.ts'
import { copyOut, tryLink } from './links.ts'
import { walkKeys } from './listing.ts'
import { Operations } from './operations.ts'
import { type Pointer, readPointer, toInfo } from './pointer.ts'
import { type SigningOptions, UrlSigner, type VerifiedPut, type VerifiedUrl } from './signing.ts'
import { streamOf, Uploads } from './uploads.ts'
import { Writer } from './writer.ts'

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
   *     if (granted.method === 'PUT') await store.receive(granted, body)
   */
  verifyUrl(method: string, url: string, now: Date): VerifiedUrl
  /** Takes the body of a request with such a URL: an object, as `put` does, or a part of an upload. */
  receive(granted: VerifiedPut, body: Readable): Promise<{ etag: string }>
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
  for (const folder of [layout.blobs, layout.keys, layout.pending, layout.uploads]) await folders.make(folder)
  await journal.recover()
  const uploads = new Uploads(layout, durability)
  await uploads.recover()
  const writer = new Writer({ layout, folders, journal, now })
  return new FsStore({ layout, journal, uploads, writer, signer, now })
}

interface Parts {
  layout: Layout
  journal: Journal
  uploads: Uploads
  writer: Writer
  signer: UrlSigner
  now: () => Date
}

class FsStore implements FsObjectStore {
  readonly #layout: Layout
  readonly #journal: Journal
  readonly #uploads: Uploads
  readonly #writer: Writer
  readonly #signer: UrlSigner
  readonly #now: () => Date
  readonly #operations = new Operations()

  constructor({ layout, journal, uploads, writer, signer, now }: Parts) {
    this.#layout = layout
    this.#journal = journal
    this.#uploads = uploads
    this.#writer = writer
    this.#signer = signer
    this.#now = now
  }

  put(key: string, body: Readable, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#operations.run(() => this.#writer.stream(key, body, options))
  }

  putFile(key: string, path: string, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#operations.run(() => this.#writer.file(key, path, options))
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

  createUpload(key: string, { attributes = {} }: { attributes?: ObjectAttributes } = {}) {
    return this.#operations.run(async () => {
      checkKey(key)
      checkAttributes(attributes)
      return { uploadId: await this.#uploads.create(key, { ...attributes }, this.#now()) }
    })
  }

  async presignPart(key: string, options: PresignPartOptions): Promise<PresignedRequest> {
    checkKey(key)
    checkPart(options)
    return this.#signer.part(key, options)
  }

  listParts(key: string, uploadId: string): Promise<UploadedPart[]> {
    return this.#operations.run(() =>
      this.#uploads.run(key, uploadId, async () => {
        const parts = await this.#uploads.parts(uploadId)
        return parts.map(({ partNumber, size, etag }) => ({ partNumber, size, etag }))
      }),
    )
  }

  completeUpload(key: string, uploadId: string, options: CompleteUploadOptions = {}): Promise<ObjectInfo> {
    return this.#operations.run(() =>
      this.#uploads.run(key, uploadId, async ({ attributes }) => {
        const parts = chooseParts(await this.#uploads.parts(uploadId), options)
        const size = parts.reduce((sum, part) => sum + part.size, 0)
        const body = streamOf(parts)
        try {
          const info = await this.#writer.stream(key, body, { attributes, size })
          await this.#uploads.remove(uploadId)
          return info
        } finally {
          body.destroy()
        }
      }),
    )
  }

  abortUpload(key: string, uploadId: string): Promise<void> {
    return this.#operations.run(async () => {
      checkKey(key)
      try {
        await this.#uploads.run(key, uploadId, () => this.#uploads.remove(uploadId))
      } catch (error) {
        if (!(error instanceof KompressorError) || error.code !== 'upload_not_found') throw error
      }
    })
  }

  async *listUploads({ prefix = '' }: { prefix?: string } = {}): AsyncGenerator<OpenUpload> {
    checkKeyPart('prefix', prefix)
    yield* this.#uploads.list(prefix)
  }

  receive({ key, put, part }: VerifiedPut, body: Readable): Promise<{ etag: string }> {
    if (part === undefined) return this.put(key, body, put)
    return this.#operations.run(() => this.#uploads.put(key, part, body, put))
  }

  verifyUrl(method: string, url: string, now: Date): VerifiedUrl {
    return this.#signer.verify(method, url, now)
  }

  close(): Promise<void> {
    return this.#operations.close()
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
