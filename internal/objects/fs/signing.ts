import { createHmac, timingSafeEqual } from 'node:crypto'
import { KompressorError } from '../../errors/index.ts'
import type {
  PresignedRequest,
  PresignGetOptions,
  PresignPartOptions,
  PresignPutOptions,
  PutOptions,
} from '../port.ts'

/** What a valid URL allows, ready for the store: `store.receive(url, body)`. */
export type VerifiedUrl = VerifiedPut | { method: 'GET'; key: string; contentDisposition?: string }

/** A whole object, or with `part` one part of an upload. */
export interface VerifiedPut {
  method: 'PUT'
  key: string
  put: PutOptions & { size: number }
  part?: { uploadId: string; partNumber: number }
}

export interface SigningOptions {
  /** At least 16 bytes; the same after a restart, or URLs that were handed out stop working. */
  secret: string | Uint8Array
  /** What URLs begin with, such as `https://files.example.com`; a function when the port is chosen late. */
  publicUrl: string | (() => string)
}

/** Everything a signature covers. */
interface Grant {
  method: 'PUT' | 'GET'
  key: string
  /** Milliseconds since the epoch. */
  expires: number
  size?: number | undefined
  contentType?: string | undefined
  sha256?: string | undefined
  contentDisposition?: string | undefined
  uploadId?: string | undefined
  partNumber?: number | undefined
}

const objectsPath = '/objects/'

/** Signs `{publicUrl}/objects/{key}?expires=…&signature=…` with HMAC-SHA256 and recognises what it signed. */
export class UrlSigner {
  readonly #secret: string | Uint8Array
  readonly #publicUrl: () => string

  constructor({ secret, publicUrl }: SigningOptions) {
    if (Buffer.byteLength(secret) < 16) {
      throw new KompressorError('invalid_configuration', 'The secret that signs URLs needs at least 16 bytes')
    }
    this.#secret = secret
    this.#publicUrl = typeof publicUrl === 'string' ? () => publicUrl : publicUrl
  }

  put(key: string, { expiresAt, size, contentType, sha256 }: PresignPutOptions): PresignedRequest {
    const url = this.#url({ method: 'PUT', key, expires: expiresAt.getTime(), size, contentType, sha256 })
    const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType }
    return { method: 'PUT', url, headers, expiresAt }
  }

  part(key: string, { expiresAt, size, uploadId, partNumber }: PresignPartOptions): PresignedRequest {
    const url = this.#url({ method: 'PUT', key, expires: expiresAt.getTime(), size, uploadId, partNumber })
    return { method: 'PUT', url, headers: {}, expiresAt }
  }

  get(key: string, { expiresAt, contentDisposition }: PresignGetOptions): PresignedRequest {
    const url = this.#url({ method: 'GET', key, expires: expiresAt.getTime(), contentDisposition })
    return { method: 'GET', url, headers: {}, expiresAt }
  }

  /** Throws bad_signature for anything it did not sign as it is, url_expired for what it signed until before `now`. */
  verify(method: string, url: string, now: Date): VerifiedUrl {
    const { grant, signature } = parse(method, url)
    if (!timingSafeEqual(this.#sign(grant), signature)) throw badSignature()
    if (!(now.getTime() < grant.expires)) {
      throw new KompressorError('url_expired', `The URL expired at ${new Date(grant.expires).toISOString()}`)
    }
    const { key, size, contentType, sha256, contentDisposition, uploadId, partNumber } = grant
    if (grant.method === 'GET') {
      return { method: 'GET', key, ...(contentDisposition !== undefined && { contentDisposition }) }
    }
    if (size === undefined) throw badSignature()
    const attributes = contentType === undefined ? {} : { contentType }
    const put = { size, attributes, ...(sha256 !== undefined && { sha256 }) }
    if (uploadId === undefined || partNumber === undefined) return { method: 'PUT', key, put }
    return { method: 'PUT', key, put, part: { uploadId, partNumber } }
  }

  #url(grant: Grant): string {
    const query = new URLSearchParams({ expires: String(grant.expires) })
    if (grant.size !== undefined) query.set('size', String(grant.size))
    if (grant.contentType !== undefined) query.set('type', grant.contentType)
    if (grant.sha256 !== undefined) query.set('sha256', grant.sha256)
    if (grant.contentDisposition !== undefined) query.set('disposition', grant.contentDisposition)
    if (grant.uploadId !== undefined) query.set('upload', grant.uploadId)
    if (grant.partNumber !== undefined) query.set('part', String(grant.partNumber))
    query.set('signature', this.#sign(grant).toString('base64url'))
    return `${this.#publicUrl().replace(/\/+$/, '')}${objectsPath}${keyToUrlPath(grant.key)}?${query}`
  }

  #sign(grant: Grant): Buffer {
    // JSON keeps the fields apart, whatever characters they hold.
    const { method, key, expires, size, contentType, sha256, contentDisposition, uploadId, partNumber } =
      grant
    const part = [uploadId, partNumber]
    const fields = [2, method, key, expires, size, contentType, sha256, contentDisposition, ...part]
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify(fields.map((field) => field ?? null)))
      .digest()
  }
}

/**
 * A key as a URL path. Slashes stay. A segment `.` or `..` gets a tilde in front, because URL parsers resolve it, even
 * percent-encoded; so does one that looks like the result.
 */
export function keyToUrlPath(key: string): string {
  return key
    .split('/')
    .map((segment) => encodeURIComponent(/^~*\.\.?$/.test(segment) ? `~${segment}` : segment))
    .join('/')
}

/** The inverse of `keyToUrlPath`. Throws URIError for broken percent-encoding. */
export function urlPathToKey(path: string): string {
  return path
    .split('/')
    .map((part) => {
      const segment = decodeURIComponent(part)
      return /^~+\.\.?$/.test(segment) ? segment.slice(1) : segment
    })
    .join('/')
}

function parse(method: string, url: string): { grant: Grant; signature: Buffer } {
  if (method !== 'PUT' && method !== 'GET') throw badSignature()
  // The base serves request targets, which have no origin.
  const parsed = URL.parse(url, 'http://localhost')
  const start = parsed?.pathname.indexOf(objectsPath) ?? -1
  if (parsed === null || start < 0) throw badSignature()
  const text = (name: string) => parsed.searchParams.get(name) ?? undefined
  const expires = Number(text('expires'))
  const number = (name: string) => (parsed.searchParams.has(name) ? Number(text(name)) : undefined)
  const signature = Buffer.from(text('signature') ?? '', 'base64url')
  if (!Number.isSafeInteger(expires) || signature.length !== 32) throw badSignature()
  const key = decodeKey(parsed.pathname.slice(start + objectsPath.length))
  const bound = { contentType: text('type'), sha256: text('sha256'), contentDisposition: text('disposition') }
  const part = { uploadId: text('upload'), partNumber: number('part') }
  return { grant: { method, key, expires, size: number('size'), ...bound, ...part }, signature }
}

function decodeKey(path: string): string {
  try {
    return urlPathToKey(path)
  } catch (error) {
    throw error instanceof URIError ? badSignature(error) : error
  }
}

function badSignature(cause?: unknown): KompressorError {
  return new KompressorError('bad_signature', 'The URL was not signed by this server; ask for a new one', {
    cause,
  })
}
