import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { KompressorError } from '../../errors/index.ts'
import type { ObjectInfo } from '../port.ts'
import { hasCode } from '../system-error.ts'

export const attributesSchema = z.strictObject({
  contentType: z.string().exactOptional(),
  contentEncoding: z.string().exactOptional(),
  contentDisposition: z.string().exactOptional(),
  cacheControl: z.string().exactOptional(),
  metadata: z.record(z.string(), z.string()).exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  storageClass: z.string().exactOptional(),
})

const pointerSchema = z.object({
  version: z.literal(1),
  key: z.string(),
  blob: z.uuid(),
  size: z.int().nonnegative(),
  sha256: z.string(),
  /** Milliseconds since the epoch. */
  lastModified: z.int(),
  attributes: attributesSchema,
})

/** What one key holds now. */
export type Pointer = z.infer<typeof pointerSchema>

export function encodePointer(pointer: Pointer): string {
  return JSON.stringify(pointer)
}

/** Undefined when the text is not a whole pointer, as a crash may leave it. */
export function decodePointer(text: string): Pointer | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  const parsed = pointerSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

/** The pointer at a path; undefined when there is none. Throws `internal` for a damaged one. */
export async function readPointer(path: string): Promise<Pointer | undefined> {
  const text = readText(path)
  if (text === undefined) return undefined
  const pointer = decodePointer(text)
  if (pointer === undefined) {
    throw new KompressorError('internal', `The pointer ${path} is damaged; restore or remove it`)
  }
  return pointer
}

/** At once: a few hundred bytes take microseconds to read, and Node's pool of threads half a millisecond in four steps. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

export function toInfo(pointer: Pointer): ObjectInfo {
  return {
    key: pointer.key,
    size: pointer.size,
    etag: pointer.sha256,
    lastModified: new Date(pointer.lastModified),
    attributes: pointer.attributes,
  }
}
