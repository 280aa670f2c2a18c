import type { Readable } from 'node:stream'
import { CompleteMultipartUploadCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import { checkBytes, consume, throwIfAborted } from '../content.ts'
import { maxParts } from '../parts.ts'
import type { PutOptions } from '../port.ts'
import { plainEtag, toHeaders } from './attributes.ts'
import type { Calls } from './calls.ts'
import { ifAbsent } from './conditional.ts'
import { abortUpload, createUpload } from './uploads.ts'

const MiB = 1024 ** 2

/** Objects up to this size go in one request; others in parts of it. */
export const usualPartBytes = 8 * MiB
/** Parts on their way at the same time, beside the one that is filling. */
const partsInFlight = 2

interface Sending {
  calls: Calls
  bucket: string
  key: string
}

export interface Sent {
  size: number
  /** Without quotes. */
  etag: string
}

/**
 * Writes a stream as an object, in one request when it is small and in parts when it is not: nothing of it is seen, and
 * nothing left behind, unless it came whole and as expected. Every request has its body in memory, so that it can be
 * tried again and the store can check its hash; that is about 32 MiB an object.
 */
export async function sendObject(sending: Sending, body: Readable, options: PutOptions): Promise<Sent> {
  const partBytes = Math.max(usualPartBytes, Math.ceil((options.size ?? 0) / maxParts / MiB) * MiB)
  const parts = new PartSender(sending, options)
  let filling: Uint8Array[] = []
  let filled = 0
  const take = () => {
    const part = Buffer.concat(filling, filled)
    filling = []
    filled = 0
    return part
  }
  try {
    const { size } = await consume(body, options, async (chunk) => {
      for (let rest = chunk; rest.length > 0; ) {
        // A full part waits for the next byte: without one it is the only part, or the last.
        if (filled === partBytes) await parts.send(take())
        const piece = rest.subarray(0, partBytes - filled)
        filling.push(piece)
        filled += piece.length
        rest = rest.subarray(piece.length)
      }
    })
    const etag = parts.began ? await parts.finish(take()) : await putWhole(sending, take(), options)
    return { size, etag }
  } catch (caught) {
    const error = parts.began ? goneOf(caught) : caught
    await parts.abandon(error)
    throw error
  }
}

/** Writes bytes that are in memory already as an object, in one request. */
export async function sendBytes(sending: Sending, bytes: Buffer, options: PutOptions): Promise<Sent> {
  checkBytes(bytes, options)
  return { size: bytes.length, etag: await putWhole(sending, bytes, options) }
}

/**
 * An upload of our own that is gone was swept, or completed by a request whose answer was lost, which the SDK has made
 * again: neither says anything against trying the whole again.
 */
function goneOf(error: unknown): unknown {
  if (!(error instanceof KompressorError) || error.code !== 'upload_not_found') return error
  return new KompressorError('storage_unavailable', error.message, { cause: error })
}

async function putWhole(
  { calls, bucket, key }: Sending,
  bytes: Buffer,
  { attributes = {}, ifAbsent: absent = false, signal }: PutOptions,
): Promise<string> {
  const object = {
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentLength: bytes.length,
    ...toHeaders(attributes),
  }
  const put = (condition: { IfNoneMatch?: '*' }) =>
    calls.send(new PutObjectCommand({ ...object, ...condition }), {
      what: `writing ${JSON.stringify(key)}`,
      signal,
    })
  const { ETag } = await (absent ? ifAbsent(put) : put({}))
  return plainEtag(ETag)
}

/** One upload in parts, begun with its first part. */
class PartSender {
  readonly #sending: Sending
  readonly #options: PutOptions
  readonly #what: string
  readonly #etags: string[] = []
  readonly #inFlight = new Set<Promise<void>>()
  #uploadId: string | undefined
  #failure: { error: unknown } | undefined
  #count = 0

  constructor(sending: Sending, options: PutOptions) {
    this.#sending = sending
    this.#options = options
    this.#what = `writing ${JSON.stringify(sending.key)}`
  }

  get began(): boolean {
    return this.#uploadId !== undefined
  }

  /** Sends a part, or throws what became of an earlier one; waits while too many are on their way. */
  async send(part: Buffer): Promise<void> {
    const { calls, bucket, key } = this.#sending
    const { attributes = {}, signal } = this.#options
    // Not cut short: an upload that begins and whose answer nobody hears could not be given up.
    this.#uploadId ??= await createUpload({ calls, bucket }, key, attributes)
    throwIfAborted(signal)
    const uploadId = this.#uploadId
    while (this.#inFlight.size >= partsInFlight) await Promise.race(this.#inFlight)
    this.#throwFailure()
    const partNumber = ++this.#count
    if (partNumber > maxParts)
      throw new KompressorError('file_too_large', `${this.#what} takes too many parts`)
    const sent = this.#sendPart(uploadId, partNumber, part)
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => this.#inFlight.delete(sent))
    this.#inFlight.add(sent)
  }

  /** Sends the last part and makes the object. */
  async finish(last: Buffer): Promise<string> {
    await this.send(last)
    await Promise.all(this.#inFlight)
    this.#throwFailure()
    const { calls, bucket, key } = this.#sending
    const { ifAbsent: absent = false, signal } = this.#options
    const upload = {
      Bucket: bucket,
      Key: key,
      UploadId: this.#uploadId,
      MultipartUpload: { Parts: this.#etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) },
    }
    const complete = (condition: { IfNoneMatch?: '*' }) =>
      calls.send(new CompleteMultipartUploadCommand({ ...upload, ...condition }), {
        what: this.#what,
        signal,
      })
    const { ETag } = await (absent ? ifAbsent(complete) : complete({}))
    return plainEtag(ETag)
  }

  /** Forgets the parts after a failure. What cannot be forgotten now is swept, or ends by the bucket's lifecycle. */
  async abandon(reason: unknown): Promise<void> {
    await Promise.all(this.#inFlight)
    if (this.#uploadId === undefined) return
    try {
      await abortUpload({ ...this.#sending, uploadId: this.#uploadId })
    } catch (error) {
      const { code, message } = toKompressorError(reason, 'storage_unavailable')
      throw new KompressorError(code, `${message} (and cleaning up failed)`, {
        cause: new AggregateError([reason, error]),
      })
    }
  }

  async #sendPart(uploadId: string, partNumber: number, part: Buffer): Promise<void> {
    const { calls, bucket, key } = this.#sending
    const { ETag = '' } = await calls.send(
      new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        Body: part,
        ContentLength: part.length,
      }),
      { what: this.#what, signal: this.#options.signal },
    )
    this.#etags[partNumber - 1] = ETag
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
