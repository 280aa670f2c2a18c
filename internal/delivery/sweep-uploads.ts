import { validate as isUuid } from 'uuid'
import type { ObjectStore, OpenUpload } from '../objects/index.ts'
import { type Store, statesOfFiles } from '../store/index.ts'
import type { DeliveryDeps } from './deps.ts'

interface SweepUploads extends DeliveryDeps {
  store: Store
  objects: ObjectStore
}

/** Files asked after in one statement. */
const page = 500

/**
 * Ends uploads in parts that can come to nothing: of files that do not wait for their bytes any more, and those without a
 * file once they are old, for a stream that is being stored in parts has none yet.
 */
export async function sweepUploads(
  { store, objects, clock, metrics }: SweepUploads,
  { orphanAgeMs, signal }: { orphanAgeMs: number; signal: AbortSignal },
): Promise<void> {
  const before = clock().getTime() - orphanAgeMs
  for (const prefix of ['in/', 'out/']) {
    for await (const uploads of pagesOf(objects.listUploads({ prefix }))) {
      if (signal.aborted) return
      const own = uploads.flatMap(withFileId)
      const states = await statesOfFiles(store.db, [...new Set(own.map(({ fileId }) => fileId))])
      const ended = own.filter(({ fileId, startedAt }) => {
        const state = states.get(fileId)
        if (state === 'pending') return false
        const isSettled = prefix === 'in/' && state !== undefined
        return isSettled || startedAt.getTime() < before
      })
      for (const { key, uploadId } of ended) await objects.abortUpload(key, uploadId)
      metrics.sweeps.inc({ kind: 'upload_ended' }, ended.length)
    }
  }
}

/** The open uploads of these keys. */
export async function uploadsOf(objects: ObjectStore, keys: readonly string[]): Promise<OpenUpload[]> {
  const wanted = new Set(keys)
  const found: OpenUpload[] = []
  if (!keys.some((key) => key.startsWith('in/'))) return found
  for await (const upload of objects.listUploads({ prefix: 'in/' })) {
    if (wanted.has(upload.key)) found.push(upload)
  }
  return found
}

/**
 * With the file it belongs to, of `in/{tenant}/{file}` and `out/{tenant}/{file}/{hash}`; nothing when the key is not of
 * that form. What somebody else keeps in the bucket is not ours to delete.
 */
export function withFileId<T extends { key: string }>(item: T): (T & { fileId: string })[] {
  const fileId = /^(?:in|out)\/[^/]+\/([^/]+)(?:\/|$)/.exec(item.key)?.[1]
  return fileId !== undefined && isUuid(fileId) ? [{ ...item, fileId }] : []
}

async function* pagesOf<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let waiting: T[] = []
  for await (const item of items) {
    waiting.push(item)
    if (waiting.length < page) continue
    yield waiting
    waiting = []
  }
  if (waiting.length > 0) yield waiting
}
