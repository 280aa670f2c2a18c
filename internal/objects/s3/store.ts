import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GetObjectTaggingCommand, HeadBucketCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import { checkAttributes } from '../attributes.ts'
import { throwIfAborted } from '../content.ts'
import { checkKey, checkKeyPart } from '../key.ts'
import { checkPart } from '../parts.ts'
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
import { hasCode } from '../system-error.ts'
import { type AttributesAnswered, fromAnswer, plainEtag } from './attributes.ts'
import type { Calls } from './calls.ts'
import { deleteObjects, listObjects, listUploads, wholeSeconds } from './keys.ts'
import type { Presigner } from './presigner.ts'
import { openObject, type Reading } from './read-object.ts'
import { type Sent, sendBytes, sendObject, usualPartBytes } from './send-object.ts'
import { abortUpload, completeUpload, createUpload, listParts } from './uploads.ts'

/** A bucket. Keys are the store's own, as they are. */
export interface S3ObjectStore extends ObjectStore {
  /** Fails unless the bucket is there and lets us in: bucket_not_found, storage_denied, storage_unavailable. */
  check(signal?: AbortSignal): Promise<void>
  /** Refuses new calls with shutting_down and waits for those under way; bodies being read go on. Repeatable. */
  close(): Promise<void>
}

export interface S3StoreParts {
  bucket: string
  calls: Calls
  presigner: Presigner
  reading: Pick<Reading, 'maxResumes' | 'idleMs' | 'backoffMs' | 'limiter'>
  now: () => Date
  /** Called once nothing is under way. */
  onClosed: () => void
}

/** What an answer says of an object beside its key and size. */
interface Described extends AttributesAnswered {
  ETag?: string | undefined
  LastModified?: Date | undefined
  TagCount?: number | undefined
}

export class S3Store implements S3ObjectStore {
  readonly #bucket: string
  readonly #calls: Calls
  readonly #presigner: Presigner
  readonly #reading: S3StoreParts['reading']
  readonly #now: () => Date
  readonly #onClosed: () => void
  #closing: Promise<void> | undefined

  constructor({ bucket, calls, presigner, reading, now, onClosed }: S3StoreParts) {
    this.#bucket = bucket
    this.#calls = calls
    this.#presigner = presigner
    this.#reading = reading
    this.#now = now
    this.#onClosed = onClosed
  }

  async put(key: string, body: Readable, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#write(key, options, () => sendObject({ ...this.#place, key }, body, options))
  }

  async putFile(key: string, path: string, options: PutOptions = {}): Promise<ObjectInfo> {
    checkKey(key)
    try {
      const size = options.size ?? (await stat(path)).size
      if (size <= usualPartBytes) {
        const bytes = await readFile(path)
        return await this.#write(key, options, () => sendBytes({ ...this.#place, key }, bytes, options))
      }
      const body = createReadStream(path)
      try {
        return await this.put(key, body, { size, ...options })
      } finally {
        body.destroy()
      }
    } catch (error) {
      throw toKompressorError(error)
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<{ info: ObjectInfo; body: Readable }> {
    checkKey(key)
    const { answer, size, body } = await openObject({ ...this.#place, ...this.#reading, key }, options)
    try {
      return { info: await this.#describe(key, size, answer, options.signal), body }
    } catch (error) {
      body.destroy()
      throw error
    }
  }

  async getFile(key: string, path: string, options: { signal?: AbortSignal } = {}): Promise<ObjectInfo> {
    const { info, body } = await this.get(key, options)
    try {
      const content = info.size > usualPartBytes ? body : Buffer.concat(await body.toArray())
      await writeNewFile(path, content)
      return info
    } catch (error) {
      throwIfAborted(options.signal)
      throw toKompressorError(error)
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return this.#headOf(key)
  }

  async list(options: ListOptions): Promise<{ items: ObjectInfo[]; next?: string }> {
    const { prefix = '', startAfter = '', limit = 1000 } = options
    checkKeyPart('prefix', prefix)
    checkKeyPart('position', startAfter)
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1000)) {
      throw new KompressorError('invalid_request', `The limit of a listing is 1 to 1,000, not ${limit}`)
    }
    return listObjects(this.#place, options)
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key)
    await deleteObjects(this.#place, keys)
  }

  async presignPut(key: string, options: PresignPutOptions): Promise<PresignedRequest> {
    checkKey(key)
    return this.#presigner.put(key, options)
  }

  async presignGet(key: string, options: PresignGetOptions): Promise<PresignedRequest> {
    checkKey(key)
    return this.#presigner.get(key, options)
  }

  async createUpload(key: string, { attributes = {} }: { attributes?: ObjectAttributes } = {}) {
    checkKey(key)
    checkAttributes(attributes)
    return { uploadId: await createUpload(this.#place, key, attributes) }
  }

  async presignPart(key: string, options: PresignPartOptions): Promise<PresignedRequest> {
    checkKey(key)
    checkPart(options)
    return this.#presigner.part(key, options)
  }

  async listParts(key: string, uploadId: string): Promise<UploadedPart[]> {
    checkKey(key)
    return listParts({ ...this.#place, key, uploadId })
  }

  async completeUpload(
    key: string,
    uploadId: string,
    options: CompleteUploadOptions = {},
  ): Promise<ObjectInfo> {
    checkKey(key)
    await completeUpload({ ...this.#place, key, uploadId }, options)
    const info = await this.#headOf(key)
    if (info !== undefined) return info
    throw new KompressorError('object_not_found', `${JSON.stringify(key)} was deleted when it was completed`)
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    checkKey(key)
    await abortUpload({ ...this.#place, key, uploadId })
  }

  async *listUploads({ prefix = '' }: { prefix?: string } = {}): AsyncGenerator<OpenUpload> {
    checkKeyPart('prefix', prefix)
    yield* listUploads(this.#place, prefix)
  }

  async check(signal?: AbortSignal): Promise<void> {
    const what = `looking for the bucket ${this.#bucket}`
    try {
      await this.#calls.send(new HeadBucketCommand({ Bucket: this.#bucket }), { what, signal })
    } catch (error) {
      if (!(error instanceof KompressorError) || error.code !== 'object_not_found') throw error
      throw new KompressorError('bucket_not_found', `There is no bucket ${this.#bucket}`, { cause: error })
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#calls.close().then(this.#onClosed)
    return this.#closing
  }

  async #write(key: string, options: PutOptions, send: () => Promise<Sent>): Promise<ObjectInfo> {
    const { attributes = {}, ifAbsent = false, lookFirst = true, signal } = options
    checkKey(key)
    checkAttributes(attributes)
    throwIfAborted(signal)
    if (ifAbsent && lookFirst && (await this.#headOf(key, signal)) !== undefined) throw objectExists(key)
    const { size, etag } = await send()
    return { key, size, etag, lastModified: wholeSeconds(this.#now()), attributes: { ...attributes } }
  }

  get #place() {
    return { calls: this.#calls, bucket: this.#bucket }
  }

  async #headOf(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    checkKey(key)
    const what = `looking at ${JSON.stringify(key)}`
    try {
      const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key })
      const answer = await this.#calls.send(command, { what, signal })
      return await this.#describe(key, answer.ContentLength ?? 0, answer, signal)
    } catch (error) {
      if (error instanceof KompressorError && error.code === 'object_not_found') return undefined
      throw error
    }
  }

  async #describe(
    key: string,
    size: number,
    answer: Described,
    signal: AbortSignal | undefined,
  ): Promise<ObjectInfo> {
    const tags = (answer.TagCount ?? 0) > 0 ? await this.#tagsOf(key, signal) : {}
    return {
      key,
      size,
      etag: plainEtag(answer.ETag),
      lastModified: wholeSeconds(answer.LastModified),
      attributes: fromAnswer(answer, tags),
    }
  }

  async #tagsOf(key: string, signal: AbortSignal | undefined): Promise<Record<string, string>> {
    const { TagSet = [] } = await this.#calls.send(
      new GetObjectTaggingCommand({ Bucket: this.#bucket, Key: key }),
      { what: `reading the tags of ${JSON.stringify(key)}`, signal },
    )
    return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]))
  }
}

/** A stream goes by way of its own, which keeps memory flat; bytes that are there already need none. */
async function writeNewFile(path: string, content: Readable | Buffer): Promise<void> {
  try {
    if (content instanceof Uint8Array) await writeFile(path, content, { flag: 'wx' })
    else await pipeline(content, createWriteStream(path, { flags: 'wx' }))
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) await rm(path, { force: true })
    throw error
  }
}

function objectExists(key: string): KompressorError {
  return new KompressorError('object_exists', `The object ${JSON.stringify(key)} exists already`)
}
