import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { KompressorError } from '../../errors/index.ts'
import type { NewFile } from '../../store/index.ts'
import type { Services } from '../env.ts'
import { bounded, boundedStream } from '../http/bounded.ts'
import { quoteName } from './name.ts'
import { uploadKey } from './upload-key.ts'

/** One file on its way in. */
export interface Upload {
  /** Checked. */
  name: string
  source: Readable
  /** Media type as declared. */
  type?: string
  /** What the bytes must have, in hex. */
  sha256?: string
}

/** A file whose bytes have arrived. */
export interface Received {
  file: NewFile
  /** Of the bytes, in hex; present when asked for. */
  contents?: string
}

/** What takes uploads: the store, or nothing when an answer is only given again. */
export interface Sink {
  /** Throws file_too_large, empty_file, upload_incomplete, and what the store throws; nothing is left behind then. */
  take(upload: Upload): Promise<Received>
  /** Removes what was taken and is not wanted after all. */
  forget(received: readonly Received[]): Promise<void>
}

interface SinkOptions {
  tenantId: string
  tags: Record<string, string>
  /** Whether the contents must be told apart from others'. */
  hash: boolean
}

/** Writes uploads to the object store as they come in. */
export function storingSink(services: Services, { tenantId, tags, hash }: SinkOptions): Sink {
  const { objects, ids, limits } = services
  return {
    async take({ name, source, type, sha256 }) {
      const id = ids()
      const key = uploadKey(tenantId, id)
      const digest = hash ? createHash('sha256') : undefined
      const bounds = { ...limitsOf(name, limits.maxFileBytes), ...(digest && { hash: digest }) }
      const body = boundedStream(source, bounds)
      const declared = { ...(type !== undefined && { type }), ...(sha256 !== undefined && { sha256 }) }
      try {
        const { size } = await objects.put(key, body, {
          ...(type !== undefined && { attributes: { contentType: type } }),
          ...(sha256 !== undefined && { sha256 }),
        })
        const file = { id, name, size, tags, uploadKey: key, ...declared }
        return digest === undefined ? { file } : { file, contents: digest.digest('hex') }
      } finally {
        body.destroy()
      }
    },
    forget: (received) => objects.delete(received.map(({ file }) => file.uploadKey)),
  }
}

/** Reads uploads and keeps nothing but their hash. */
export function hashingSink({ limits }: Pick<Services, 'limits'>): Sink {
  return {
    async take({ name, source }) {
      const hash = createHash('sha256')
      const bounds = { ...limitsOf(name, limits.maxFileBytes), hash }
      let size = 0
      for await (const chunk of bounded(source, bounds)) size += chunk.length
      return { file: { id: '', name, size, tags: {}, uploadKey: '' }, contents: hash.digest('hex') }
    },
    forget: async () => undefined,
  }
}

export function tooLarge(name: string, maxFileBytes: number): KompressorError {
  return new KompressorError(
    'file_too_large',
    `${quoteName(name)} has more than ${maxFileBytes} bytes, the limit`,
  )
}

function limitsOf(name: string, maxFileBytes: number) {
  return {
    maxBytes: maxFileBytes,
    refusal: () => tooLarge(name, maxFileBytes),
    empty: () => new KompressorError('empty_file', `${quoteName(name)} has no bytes`),
  }
}

const mediaType = /^[\w.+-]{1,50}\/[\w.+-]{1,50}$/

/** A declared media type without its parameters; undefined for none, and for those that say nothing. */
export function declaredType(header: string | undefined): string | undefined {
  const type = header?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined || !mediaType.test(type)) return undefined
  // What clients send when they do not know: curl's --data-binary, browsers' unknown extensions.
  return type === 'application/octet-stream' || type === 'application/x-www-form-urlencoded'
    ? undefined
    : type
}
