import type { Readable } from 'node:stream'
import { KompressorError } from '../../errors/index.ts'
import type { ObjectStore } from '../../objects/index.ts'
import { type Database, type FileRow, listFiles } from '../../store/index.ts'
import { type Artifact, contentOf } from '../content/artifact.ts'
import { EntryNames } from './names.ts'

export interface Entry {
  name: string
  lastModified: Date
  size: number
  input: Readable | Uint8Array
}

export interface ArchiveRequest {
  tenantId: string
  batchId: string
  /** Of the archive itself. */
  now: Date
  signal: AbortSignal
}

/** Rows read at once. */
const pageSize = 500
/** A zip has no header for the encoding of an entry: the name must say it. */
const extensions = { zstd: '.zst', br: '.br', gzip: '.gz' } as const

/**
 * Everything a batch has to download, one object open at a time. What is not in it (failed, cancelled, not done yet, or
 * gone) is listed at the end in missing.txt: an archive that silently lacks files would be taken for complete.
 */
export async function* entries(
  { db, objects }: { db: Database; objects: ObjectStore },
  { tenantId, batchId, now, signal }: ArchiveRequest,
): AsyncGenerator<Entry> {
  const names = new EntryNames()
  const missing: string[] = []
  for await (const file of filesOf(db, tenantId, batchId)) {
    if (signal.aborted) return
    if (file.state !== 'completed') {
      missing.push(`${file.name}\t${reasonOf(file)}`)
      continue
    }
    const artifact = contentOf(file)
    const opened = await open(objects, artifact, signal)
    if (opened === undefined) {
      missing.push(`${file.name}\tinput_missing`)
      continue
    }
    const { info, body } = opened
    try {
      const extension = artifact.encoding === undefined ? '' : extensions[artifact.encoding]
      yield {
        name: names.claim(artifact.name + extension),
        lastModified: file.createdAt,
        size: info.size,
        input: body,
      }
    } finally {
      body.destroy()
    }
  }
  if (missing.length === 0) return
  const text = Buffer.from(`${missing.join('\n')}\n`)
  yield { name: names.claim('missing.txt'), lastModified: now, size: text.length, input: text }
}

async function* filesOf(db: Database, tenantId: string, batchId: string): AsyncGenerator<FileRow> {
  let after: string | undefined
  for (;;) {
    const page = await listFiles(db, {
      tenantId,
      batchId,
      limit: pageSize,
      ...(after !== undefined && { after }),
    })
    yield* page
    if (page.length < pageSize) return
    after = page.at(-1)?.id
  }
}

function reasonOf({ state, errorCode, errorMessage }: FileRow): string {
  return state === 'failed' ? `${errorCode}: ${errorMessage}` : state
}

async function open(objects: ObjectStore, { key }: Artifact, signal: AbortSignal) {
  try {
    return await objects.get(key, { signal })
  } catch (error) {
    if (error instanceof KompressorError && error.code === 'object_not_found') return undefined
    throw error
  }
}
