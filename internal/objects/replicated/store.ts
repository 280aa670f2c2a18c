import type { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import type {
  CompleteUploadOptions,
  GetOptions,
  ListOptions,
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

/** A further place for the same objects. */
export interface Replica {
  /** Names it in errors: an endpoint, a region. */
  name: string
  store: ReplicaStore
}

/** What is done with a replica. */
export type ReplicaStore = Pick<ObjectStore, 'put' | 'putFile' | 'head' | 'delete'>

export interface ReplicatedOptions {
  /** Whether this key is replicated. Default: every key. */
  covers?: (key: string) => boolean
}

/**
 * A store whose objects are in other stores too, such as other regions. A write resolves when all have the object, and is
 * replica_unavailable when the store itself has it and a replica cannot be reached: tried again, it brings the others up
 * to it. The same goes for looking: what `head` tells of an object, and a put that finds one, is true of all. So nothing
 * counts as done before it is everywhere, whichever of them is away, and whenever the process ends.
 *
 * Reads, listings, signed URLs and uploads in parts are the store's own.
 */
export function createReplicatedObjectStore(
  store: ObjectStore,
  replicas: readonly Replica[],
  options: ReplicatedOptions = {},
): ObjectStore {
  return replicas.length === 0 ? store : new ReplicatedStore(store, replicas, options)
}

class ReplicatedStore implements ObjectStore {
  readonly #store: ObjectStore
  readonly #replicas: readonly Replica[]
  readonly #covers: (key: string) => boolean

  constructor(store: ObjectStore, replicas: readonly Replica[], { covers = () => true }: ReplicatedOptions) {
    this.#store = store
    this.#replicas = replicas
    this.#covers = covers
  }

  async put(key: string, body: Readable, options: PutOptions = {}): Promise<ObjectInfo> {
    const info = await this.#write(key, options, () => this.#store.put(key, body, options))
    await this.#bringAll(info, (replica) => this.#copy(info, replica, options.signal))
    return info
  }

  async putFile(key: string, path: string, options: PutOptions = {}): Promise<ObjectInfo> {
    const info = await this.#write(key, options, () => this.#store.putFile(key, path, options))
    const { ifAbsent: _, ...always } = options
    await this.#bringAll(info, async ({ store }) => void (await store.putFile(key, path, always)))
    return info
  }

  get(key: string, options?: GetOptions): Promise<{ info: ObjectInfo; body: Readable }> {
    return this.#store.get(key, options)
  }

  getFile(key: string, path: string, options?: { signal?: AbortSignal }): Promise<ObjectInfo> {
    return this.#store.getFile(key, path, options)
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const info = await this.#store.head(key)
    if (info !== undefined) await this.#repair(info, undefined)
    return info
  }

  list(options: ListOptions): Promise<{ items: ObjectInfo[]; next?: string }> {
    return this.#store.list(options)
  }

  /** The store's own last: while it has an object, a deletion that was cut off is seen to be one, and repeated. */
  async delete(keys: readonly string[]): Promise<void> {
    const covered = keys.filter((key) => this.#covers(key))
    await this.#onAll('deleting objects', ({ store }) => store.delete(covered))
    await this.#store.delete(keys)
  }

  presignPut(key: string, options: PresignPutOptions): Promise<PresignedRequest> {
    return this.#store.presignPut(key, options)
  }

  presignGet(key: string, options: PresignGetOptions): Promise<PresignedRequest> {
    return this.#store.presignGet(key, options)
  }

  createUpload(...args: Parameters<ObjectStore['createUpload']>): Promise<{ uploadId: string }> {
    return this.#store.createUpload(...args)
  }

  presignPart(key: string, options: PresignPartOptions): Promise<PresignedRequest> {
    return this.#store.presignPart(key, options)
  }

  listParts(key: string, uploadId: string): Promise<UploadedPart[]> {
    return this.#store.listParts(key, uploadId)
  }

  async completeUpload(key: string, uploadId: string, options?: CompleteUploadOptions): Promise<ObjectInfo> {
    const info = await this.#store.completeUpload(key, uploadId, options)
    await this.#bringAll(info, (replica) => this.#copy(info, replica, undefined))
    return info
  }

  abortUpload(key: string, uploadId: string): Promise<void> {
    return this.#store.abortUpload(key, uploadId)
  }

  listUploads(options?: { prefix?: string }): AsyncIterable<OpenUpload> {
    return this.#store.listUploads(options)
  }

  /** An object that was there before may have been written by a process that died before the replicas had it. */
  async #write(key: string, { signal }: PutOptions, write: () => Promise<ObjectInfo>): Promise<ObjectInfo> {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof KompressorError) || error.code !== 'object_exists') throw error
      const there = await this.#store.head(key)
      if (there !== undefined) await this.#repair(there, signal)
      throw error
    }
  }

  async #repair(info: ObjectInfo, signal: AbortSignal | undefined): Promise<void> {
    await this.#bringAll(info, async (replica) => {
      const there = await replica.store.head(info.key)
      if (there === undefined || !isSame(there, info)) await this.#copy(info, replica, signal)
    })
  }

  async #copy(info: ObjectInfo, { store }: Replica, signal: AbortSignal | undefined): Promise<void> {
    const { body } = await this.#store.get(info.key, signal && { signal })
    try {
      const { size, attributes } = info
      await store.put(info.key, body, { size, attributes, ...(signal && { signal }) })
    } finally {
      body.destroy()
    }
  }

  async #bringAll({ key }: ObjectInfo, act: (replica: Replica) => Promise<void>): Promise<void> {
    if (this.#covers(key)) await this.#onAll(`writing ${JSON.stringify(key)}`, act)
  }

  /** Does something with every replica, and throws at the end what became of the first that failed. */
  async #onAll(what: string, act: (replica: Replica) => Promise<void>): Promise<void> {
    const failures: KompressorError[] = []
    await Promise.all(
      this.#replicas.map((replica) =>
        act(replica).catch((error: unknown) => {
          failures.push(replicaError(replica.name, what, error))
        }),
      ),
    )
    if (failures[0] !== undefined) throw failures[0]
  }
}

/** Entity tags of two stores cannot be compared. */
function isSame(one: ObjectInfo, other: ObjectInfo): boolean {
  return one.size === other.size && isDeepStrictEqual(one.attributes.metadata, other.attributes.metadata)
}

/** What passes by itself gives the attempt back; what does not (no such bucket, no rights) stays what it is. */
function replicaError(name: string, what: string, error: unknown): KompressorError {
  const known = toKompressorError(error, 'storage_unavailable')
  const message = `${what} in the replica ${name}: ${known.message}`
  const passes = known.code === 'storage_unavailable' || known.code === 'storage_full'
  return new KompressorError(passes ? 'replica_unavailable' : known.code, message, { cause: error })
}
