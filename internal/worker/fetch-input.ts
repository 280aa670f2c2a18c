import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { KompressorError } from '../errors/index.ts'
import type { TaskObject } from '../messages/index.ts'
import type { ObjectInfo, ObjectStore } from '../objects/index.ts'

/**
 * Brings the object to `path` and holds it against what its uploader declared. Throws input_missing, size_mismatch,
 * checksum_mismatch, and the store's own errors.
 */
export async function fetchInput(
  objects: ObjectStore,
  object: TaskObject,
  path: string,
  signal: AbortSignal,
): Promise<ObjectInfo> {
  const info = await get(objects, object, path, signal)
  if (object.size !== undefined && info.size !== object.size) {
    throw new KompressorError(
      'size_mismatch',
      `${object.name} was declared with ${object.size} bytes and has ${info.size}; upload it again`,
    )
  }
  if (object.sha256 !== undefined) await verifyChecksum(object.name, object.sha256, path, signal)
  return info
}

async function get(
  objects: ObjectStore,
  object: TaskObject,
  path: string,
  signal: AbortSignal,
): Promise<ObjectInfo> {
  try {
    return await objects.getFile(object.key, path, { signal })
  } catch (error) {
    if (!(error instanceof KompressorError) || error.code !== 'object_not_found') throw error
    throw new KompressorError('input_missing', `${object.name} was not uploaded, or its bytes were deleted`, {
      cause: error,
    })
  }
}

async function verifyChecksum(
  name: string,
  expected: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { signal })
  const actual = hash.digest('hex')
  if (actual === expected) return
  throw new KompressorError(
    'checksum_mismatch',
    `${name} was declared with SHA-256 ${expected} and has ${actual}; upload it again`,
  )
}
