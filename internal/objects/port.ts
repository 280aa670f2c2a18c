import type { Readable } from 'node:stream'

/**
 * Where bytes live. Two adapters: the file system (standalone) and S3. Keys are UTF-8, 1 to 1,024 bytes without NUL,
 * compared and listed in the order of their bytes; `/` has no meaning but to people. Every write is atomic: a reader
 * sees the old object or the new one, whole, with its metadata, or none.
 *
 * Errors (KompressorError): object_not_found, object_exists, range_not_satisfiable, size_mismatch, checksum_mismatch,
 * upload_incomplete (the body broke off), storage_full, storage_unavailable, shutting_down (the store is closed),
 * invalid_name (such a key cannot be), invalid_request (such attributes or such a limit cannot be), and cancelled for
 * an aborted signal, unless its reason is a KompressorError: then that.
 */
export interface ObjectStore extends MultipartUploads {
  /**
   * Writes a stream. When the returned promise resolves the object is durable. A body that fails with a KompressorError
   * fails the put with it. A put that fails stops reading and leaves the body to its owner (an HTTP request can still
   * be answered); aborting the signal destroys a body that is being read.
   */
  put(key: string, body: Readable, options?: PutOptions): Promise<ObjectInfo>
  /** Writes a local file; may take it by hard link, so the file must not change afterwards. */
  putFile(key: string, path: string, options?: PutOptions): Promise<ObjectInfo>
  /** Opens an object for reading; `info.size` is the whole object's size whatever the range. */
  get(key: string, options?: GetOptions): Promise<{ info: ObjectInfo; body: Readable }>
  /** Brings an object to a local path that does not exist yet. The file must be treated as read-only (it may be a link). */
  getFile(key: string, path: string, options?: { signal?: AbortSignal }): Promise<ObjectInfo>
  /** Undefined when there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>
  /**
   * One page in key order. Pass `next` as `startAfter` for the following page; absent `next` means the end. Of the
   * attributes only the storage class is listed; `head` has the others.
   */
  list(options: ListOptions): Promise<{ items: ObjectInfo[]; next?: string }>
  /** Deletes; absent keys are not an error. */
  delete(keys: readonly string[]): Promise<void>
  /** A URL that lets its holder PUT exactly this object: bound to size and type, until `expiresAt`. */
  presignPut(key: string, options: PresignPutOptions): Promise<PresignedRequest>
  /** A URL that lets its holder GET this object until `expiresAt`. */
  presignGet(key: string, options: PresignGetOptions): Promise<PresignedRequest>
}

/**
 * Objects that their owner uploads in parts, straight to the store, so that an upload that is cut goes on where it was.
 * Parts are numbered from 1 to 10,000, have at most 5 GiB, and all but the last at least 5 MiB. Nothing is seen of the
 * object until the upload is completed; one that is neither completed nor aborted keeps its parts for ever.
 *
 * Errors beside those above: upload_not_found (never begun, completed or aborted), invalid_part.
 */
export interface MultipartUploads {
  /** Begins an upload. Its id is opaque and good for this key only. */
  createUpload(key: string, options?: { attributes?: ObjectAttributes }): Promise<{ uploadId: string }>
  /** A URL that lets its holder PUT this part, bound to its size, until `expiresAt`. A part may be put again. */
  presignPart(key: string, options: PresignPartOptions): Promise<PresignedRequest>
  /** The parts that have arrived, in the order of their numbers. */
  listParts(key: string, uploadId: string): Promise<UploadedPart[]>
  /**
   * Makes the object of its parts: of those named, in the order of their numbers, or of all that have arrived. Fails with
   * size_mismatch, and changes nothing, when they have another size together than `size`.
   */
  completeUpload(key: string, uploadId: string, options?: CompleteUploadOptions): Promise<ObjectInfo>
  /** Forgets an upload and its parts; one that has ended is not an error. */
  abortUpload(key: string, uploadId: string): Promise<void>
  /** Uploads under way whose keys begin with the prefix, in no order. */
  listUploads(options?: { prefix?: string }): AsyncIterable<OpenUpload>
}

export interface PresignPartOptions {
  uploadId: string
  /** 1 to 10,000. */
  partNumber: number
  /** Bytes, 1 to 5 GiB. */
  size: number
  expiresAt: Date
}

export interface UploadedPart {
  partNumber: number
  /** Bytes. */
  size: number
  /** Opaque; without quotes. */
  etag: string
}

export interface CompleteUploadOptions {
  parts?: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[]
  /** Expected size of the whole in bytes. */
  size?: number
}

export interface OpenUpload {
  key: string
  uploadId: string
  startedAt: Date
}

export interface ObjectInfo {
  key: string
  size: number
  /** Opaque; changes whenever the bytes do. Without quotes. */
  etag: string
  lastModified: Date
  attributes: ObjectAttributes
}

/** What an object carries besides its bytes. */
export interface ObjectAttributes {
  contentType?: string
  contentEncoding?: string
  contentDisposition?: string
  cacheControl?: string
  /** User metadata; keys in lower case, values printable ASCII. */
  metadata?: Record<string, string>
  tags?: Record<string, string>
  storageClass?: string
}

export interface PutOptions {
  attributes?: ObjectAttributes
  /** Fails with object_exists instead of replacing. */
  ifAbsent?: boolean
  /**
   * With `ifAbsent`, default true: looks whether the object is there before it writes, where that costs a request. It
   * spares the upload, and is all there is where the store ignores conditions on writes. False: the write alone decides.
   */
  lookFirst?: boolean
  /** Expected size in bytes: another one fails with size_mismatch and writes nothing. */
  size?: number
  /** Expected SHA-256 in lower-case hex: another one fails with checksum_mismatch and writes nothing. */
  sha256?: string
  signal?: AbortSignal
}

export interface GetOptions {
  /** Inclusive byte range, as in HTTP. `end` may lie behind the last byte. */
  range?: { start: number; end?: number }
  signal?: AbortSignal
}

export interface ListOptions {
  prefix?: string
  startAfter?: string
  /** 1 to 1,000; default 1,000. */
  limit?: number
}

export interface PresignPutOptions {
  expiresAt: Date
  size: number
  contentType?: string
  sha256?: string
}

export interface PresignGetOptions {
  expiresAt: Date
  /** Answered as Content-Disposition. */
  contentDisposition?: string
}

export interface PresignedRequest {
  method: 'PUT' | 'GET'
  url: string
  /** Headers the caller must send as they are. */
  headers: Record<string, string>
  expiresAt: Date
}
