import {
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { PresignedRequest, PresignGetOptions, PresignPartOptions, PresignPutOptions } from '../port.ts'
import type { S3Command } from './calls.ts'
import { toStoreError } from './failure.ts'

/** S3 takes no longer ones. */
const longestSeconds = 7 * 86_400

/** In the query S3 would not look at it. */
const unhoistableHeaders = new Set(['x-amz-checksum-sha256'])

interface PresignerParts {
  /** Talks to the endpoint that the holders of URLs reach. It only signs. */
  client: S3Client
  bucket: string
  now: () => Date
}

export class Presigner {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #now: () => Date

  constructor({ client, bucket, now }: PresignerParts) {
    this.#client = client
    this.#bucket = bucket
    this.#now = now
  }

  async put(key: string, options: PresignPutOptions): Promise<PresignedRequest> {
    const { size, contentType, sha256, expiresAt } = options
    const checksum = sha256 === undefined ? undefined : Buffer.from(sha256, 'hex').toString('base64')
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ContentLength: size,
      ...(contentType !== undefined && { ContentType: contentType }),
      ...(checksum !== undefined && { ChecksumSHA256: checksum }),
    })
    const headers = {
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(checksum !== undefined && { 'x-amz-checksum-sha256': checksum }),
    }
    return {
      method: 'PUT',
      headers,
      ...(await this.#sign(command, expiresAt, ['content-length', ...Object.keys(headers)])),
    }
  }

  async part(
    key: string,
    { uploadId, partNumber, size, expiresAt }: PresignPartOptions,
  ): Promise<PresignedRequest> {
    const place = { Bucket: this.#bucket, Key: key, UploadId: uploadId, PartNumber: partNumber }
    const command = new UploadPartCommand({ ...place, ContentLength: size })
    return { method: 'PUT', headers: {}, ...(await this.#sign(command, expiresAt, ['content-length'])) }
  }

  async get(key: string, { expiresAt, contentDisposition }: PresignGetOptions): Promise<PresignedRequest> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ...(contentDisposition !== undefined && { ResponseContentDisposition: contentDisposition }),
    })
    return { method: 'GET', headers: {}, ...(await this.#sign(command, expiresAt, [])) }
  }

  /** Binds the URL to the values these headers have in the command. The SDK signs none of them by itself. */
  async #sign<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: S3Command<I, O>,
    expiresAt: Date,
    bound: readonly string[],
  ): Promise<{ url: string; expiresAt: Date }> {
    // Signatures count in whole seconds from a whole second.
    const signedAt = Math.floor(this.#now().getTime() / 1000)
    const seconds = Math.floor(expiresAt.getTime() / 1000 - signedAt)
    const expiresIn = Math.min(longestSeconds, Math.max(1, seconds))
    try {
      const url = await getSignedUrl(this.#client, command, {
        expiresIn,
        // A URL for a moment that has passed is one that has expired.
        signingDate: new Date((seconds < 1 ? signedAt + seconds - 1 : signedAt) * 1000),
        signableHeaders: new Set(['host', ...bound]),
        unhoistableHeaders,
      })
      const longest = new Date((signedAt + longestSeconds) * 1000)
      return { url, expiresAt: expiresAt < longest ? expiresAt : longest }
    } catch (error) {
      throw toStoreError(error, 'signing a URL')
    }
  }
}
