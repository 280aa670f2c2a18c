import type { CompressionOptions } from './options.ts'

/** One file to compress, on the local disk. */
export interface CompressRequest {
  /** Names the file in errors, logs and the deaths of children. */
  id: string
  /** The user's name for it; only used to name outputs and in messages, never to decide what it is. */
  name: string
  /** Path of the input. Never written. */
  input: string
  /** Where its output goes, if there is one: in a folder that exists, and nothing is there yet. */
  output: string
  options: CompressionOptions
  limits: CodecLimits
}

export interface CodecLimits {
  /** Pixels of all frames together. */
  maxPixels: number
  /** Bytes of the input. */
  maxBytes: number
}

export const defaultLimits: CodecLimits = { maxPixels: 50_000_000, maxBytes: 5 * 1024 ** 3 }
