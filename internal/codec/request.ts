import type { CompressionOptions } from './options.ts'

/** One file to compress, on the local disk. */
export interface CompressRequest {
  /** Names the file in errors, logs and the deaths of children. */
  id: string
  /** The user's name for it; only used to name outputs and in messages, never to decide what it is. */
  name: string
  /** Path of the input. Never written. */
  input: string
  /** An existing folder for outputs and temporary files; the caller removes it. */
  outputDir: string
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
