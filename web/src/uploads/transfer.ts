import { type ApiClient, ApiError, dataOf, type Upload } from '../api/index.ts'
import { put } from './put.ts'

export interface TransferRequest {
  fileId: string
  file: Blob
  /** The signed request for the whole file. Absent: the file is sent in parts, which needs none. */
  upload?: Upload
  signal: AbortSignal
  /** Bytes of the file that have been sent, those of earlier tries included. */
  onProgress: (sent: number) => void
}

/** How the bytes of one file get to the store. Resolves when all are there; repeatable. */
export type Transfer = (request: TransferRequest) => Promise<void>

/** Parts of one file on their way at the same time. */
const partsAtOnce = 3

/**
 * Small files in one request, large ones in parts, so that a cut upload goes on where it was. A signed URL that is
 * refused, because it is too old for instance, is not used again: parts are signed when they are sent.
 */
export function createTransfer(api: ApiClient): Transfer {
  return async (request) => {
    const { upload, file, signal, onProgress } = request
    if (upload === undefined || upload.multipart !== undefined) return sendParts(api, request)
    try {
      await put({ url: upload.url, headers: upload.headers, body: file, signal, onProgress })
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 403) || file.size === 0) throw error
      await sendParts(api, request)
    }
  }
}

async function sendParts(
  api: ApiClient,
  { fileId, file, signal, onProgress }: TransferRequest,
): Promise<void> {
  const begun = await dataOf(api.POST('/v1/files/{id}/uploads', { params: { path: { id: fileId } }, signal }))
  const { uploadId, partSize, parts: count } = begun
  const path = { id: fileId, uploadId }
  const there = await dataOf(api.GET('/v1/files/{id}/uploads/{uploadId}/parts', { params: { path }, signal }))
  const sent = new Map(there.items.map(({ partNumber, size }) => [partNumber, size]))
  const report = () => onProgress([...sent.values()].reduce((sum, bytes) => sum + bytes, 0))
  report()
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((n) => !sent.has(n))
  const queue = missing.values()
  // One part that fails ends the others: they would go on behind the back of who was told.
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const work = async () => {
    for (const partNumber of queue) {
      const start = (partNumber - 1) * partSize
      const signed = await dataOf(
        api.POST('/v1/files/{id}/uploads/{uploadId}/parts', {
          params: { path },
          body: { partNumbers: [partNumber] },
          signal: either,
        }),
      )
      const [part] = signed.items
      if (part === undefined) throw new Error(`part ${partNumber} was not signed`)
      await put({
        url: part.url,
        headers: part.headers,
        body: file.slice(start, start + partSize),
        signal: either,
        onProgress: (bytes) => {
          sent.set(partNumber, bytes)
          report()
        },
      })
      sent.set(partNumber, Math.min(partSize, file.size - start))
    }
  }
  const workers = Array.from({ length: partsAtOnce }, () =>
    work().catch((error: unknown) => {
      failed.abort(error)
      throw error
    }),
  )
  await Promise.all(workers)
  await dataOf(api.POST('/v1/files/{id}/uploads/{uploadId}/complete', { params: { path }, body: {}, signal }))
}
