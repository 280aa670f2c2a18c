import { Readable } from 'node:stream'
import type { ErrorCode } from '../../errors/index.ts'
import type { FileResult } from '../../messages/index.ts'
import { changeFiles, type FileChange, type FileRow } from '../../store/index.ts'
import type { Served } from './serve.ts'

/** What workers and projector do to rows, without them. */
async function change(served: Served, fileId: string, decide: (row: FileRow) => FileChange): Promise<void> {
  const row = await served.store.db.query.files.findFirst({ where: (files, { eq }) => eq(files.id, fileId) })
  if (row === undefined) throw new Error(`there is no file ${fileId}`)
  const scope = { batchIds: [row.batchId], ids: [fileId], now: new Date() }
  await served.store.db.transaction((tx) => changeFiles(tx, scope, (rows) => rows.map(decide)))
}

/** Completes a file. With `output` its bytes are stored and the outcome is `compressed`; without, the original is kept. */
export async function completeFile(
  served: Served,
  fileId: string,
  { output, name = 'output.webp', type = 'image/webp', encoding }: CompletedWith = {},
): Promise<void> {
  const key = `out/default/${fileId}/abc`
  if (output !== undefined) await served.objects.put(key, Readable.from([output]))
  const stored = {
    name,
    key,
    type,
    etag: 'x',
    bytes: output?.length ?? 0,
    sha256: 'ab',
    ...encodingOf(encoding),
  }
  const bytesIn = 1000
  const result: FileResult =
    output === undefined
      ? {
          outcome: 'kept_original',
          reason: 'already_compressed',
          type: 'image/png',
          bytesIn,
          bytesOut: bytesIn,
          cpuMs: 1,
          outputs: [],
        }
      : {
          outcome: 'compressed',
          type: 'image/png',
          bytesIn,
          bytesOut: output.length,
          cpuMs: 1,
          outputs: [stored],
        }
  await change(served, fileId, (before) => ({
    before,
    after: { ...before, state: 'completed', result, finishedAt: new Date() },
    task: 'done',
    event: {
      type: 'file.completed',
      data: { name: before.name, state: 'completed', attempt: before.attempt, result },
    },
  }))
}

interface CompletedWith {
  output?: Buffer
  name?: string
  type?: string
  encoding?: 'zstd' | 'br' | 'gzip'
}

function encodingOf(contentEncoding: CompletedWith['encoding']) {
  return contentEncoding === undefined ? {} : { contentEncoding }
}

export async function failFile(served: Served, fileId: string, code: ErrorCode): Promise<void> {
  const error = { code, message: `it failed with ${code}` }
  await change(served, fileId, (before) => ({
    before,
    after: {
      ...before,
      state: 'failed',
      errorCode: code,
      errorMessage: error.message,
      finishedAt: new Date(),
    },
    task: 'done',
    event: {
      type: 'file.failed',
      data: { name: before.name, state: 'failed', attempt: before.attempt, error },
    },
  }))
}

/** Appends an event that changes nothing else. */
export async function touchFile(served: Served, fileId: string): Promise<void> {
  await change(served, fileId, (before) => ({
    before,
    after: before,
    task: 'unchanged',
    event: {
      type: 'file.started',
      data: { name: before.name, state: before.state, attempt: before.attempt },
    },
  }))
}
