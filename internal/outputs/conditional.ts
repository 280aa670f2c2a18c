import { Readable } from 'node:stream'
import { KompressorError } from '../errors/index.ts'
import { notesPrefix } from '../ledger/index.ts'
import type { ObjectStore } from '../objects/index.ts'

/**
 * Finds out whether the store honours put-if-absent, which some that speak S3 ignore.
 *
 * @param id unique among those who ask at the same time
 */
export async function honoursConditions(objects: ObjectStore, id: string): Promise<boolean> {
  const key = `${notesPrefix}probe/${id}`
  const put = () =>
    objects.put(key, Readable.from([Buffer.from('x')]), { ifAbsent: true, lookFirst: false, size: 1 })
  try {
    await put()
    await put()
    return false
  } catch (error) {
    if (error instanceof KompressorError && error.code === 'object_exists') return true
    throw error
  } finally {
    await objects.delete([key])
  }
}
