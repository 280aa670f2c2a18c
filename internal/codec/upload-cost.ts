import { extname } from 'node:path'
import { predictCost } from './cost.ts'
import type { CompressionOptions } from './options.ts'

/** Files that are worth predicting by their names. What a file is, is decided by its bytes, later. */
const typesByExtension: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.gif': 'image/gif',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
}

/** What to assume of a file whose size nobody knows yet. */
const unknownBytes = 1024 ** 2

/** The media type to assume of a file nobody has looked into: what was declared, if it says anything, else by its name. */
export function guessType({ name, type }: { name: string; type?: string }): string | undefined {
  const declared = type?.startsWith('image/') ? type : undefined
  return declared ?? typesByExtension[extname(name).toLowerCase()] ?? type
}

/**
 * Predicted worker-milliseconds of a file nobody has looked into: from its size, its declared type, and its name where
 * the type says nothing.
 */
export function predictUploadCost(
  { name, size = unknownBytes, type }: { name: string; size?: number; type?: string },
  options: CompressionOptions,
): number {
  const guessed = guessType({ name, ...(type !== undefined && { type }) })
  return predictCost({ bytes: size, ...(guessed !== undefined && { type: guessed }) }, options)
}
