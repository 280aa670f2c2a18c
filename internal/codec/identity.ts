import { hash } from 'node:crypto'
import sharp from 'sharp'
import type { CompressionOptions } from './options.ts'

/** Counts changes of ours that change any output byte: raise it with each. */
const engineNumber = 1

/** Names everything that decides the bytes of an output besides input and options: our engine and the codecs in it. */
export function engineVersion(): string {
  const { sharp: binding, vips } = sharp.versions
  const { zlib, zstd, brotli } = process.versions
  return [
    `kompressor-${engineNumber}`,
    `sharp-${binding}`,
    `libvips-${vips}`,
    `zlib-${zlib}`,
    `zstd-${zstd}`,
    `brotli-${brotli}`,
  ].join(' ')
}

/** An input, in one version. */
export interface InputVersion {
  bucket: string
  key: string
  /** Version id or ETag: what changes when the object's bytes do. */
  version: string
}

/**
 * What an output is an output of: SHA-256, lower-case hex, of the canonical JSON of input, options and engine. Equal hashes
 * mean equal bytes, so an output that carries the hash need not be made again. The options are most of that text, and read
 * once: many inputs have the same.
 */
export function identityHasher(
  options: CompressionOptions,
  engine: string = engineVersion(),
): (input: InputVersion) => string {
  const engineText = canonicalJson(engine)
  const optionsText = canonicalJson(options)
  return ({ bucket, key, version }) =>
    hash(
      'sha256',
      `{"bucket":${canonicalJson(bucket)},"engineVersion":${engineText},"key":${canonicalJson(key)},` +
        `"options":${optionsText},"version":${canonicalJson(version)}}`,
    )
}

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json }

/** Keys sorted, undefined members left out, no white space: one text for one value (RFC 8785 for our values). */
function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value)
}
