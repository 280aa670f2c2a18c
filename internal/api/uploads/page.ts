import type { ObjectStore } from '../../objects/index.ts'
import { type Database, type FileRow, listFiles } from '../../store/index.ts'
import { type Page, readPage } from '../http/page.ts'
import { multipartAbove, partCountOf, partSizeOf } from './part-size.ts'
import type { Upload } from './schema.ts'

/** Signing costs 0.15 ms each on the event loop: a page of this many is answered within 15 ms. */
export const uploadsPerPage = 100

/** What a signed upload needs to know of a file. */
export type Uploadable = Pick<
  FileRow,
  'id' | 'name' | 'uploadKey' | 'size' | 'type' | 'sha256' | 'uploadExpiresAt'
>

interface UploadsRequest {
  tenantId: string
  batchId: string
  cursor?: string | undefined
}

/** A page of signed uploads for the files of a batch that await their bytes. */
export async function uploadsPage(
  { db, objects }: { db: Database; objects: ObjectStore },
  { tenantId, batchId, cursor }: UploadsRequest,
): Promise<Page<Upload>> {
  const page = await readPage({ limit: uploadsPerPage, cursor, scope: uploadsScope(batchId) }, (position) =>
    listFiles(db, { tenantId, batchId, state: 'pending', ...position }),
  )
  const items = await signUploads(objects, page.items)
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor }
}

export function uploadsScope(batchId: string): readonly unknown[] {
  return ['uploads', batchId]
}

/** Files that came through the API have their bytes, and are left out. */
export async function signUploads(objects: ObjectStore, files: readonly Uploadable[]): Promise<Upload[]> {
  const uploads = await Promise.all(files.map((file) => signUpload(objects, file)))
  return uploads.filter((upload) => upload !== undefined)
}

async function signUpload(objects: ObjectStore, file: Uploadable): Promise<Upload | undefined> {
  const { id, name, uploadKey, size, type, sha256, uploadExpiresAt } = file
  if (uploadExpiresAt === null || size === null) return undefined
  const { url, headers, expiresAt } = await objects.presignPut(uploadKey, {
    expiresAt: uploadExpiresAt,
    size,
    ...(type !== null && { contentType: type }),
    ...(sha256 !== null && { sha256 }),
  })
  const multipart = size > multipartAbove && { partSize: partSizeOf(size), parts: partCountOf(size) }
  return {
    fileId: id,
    name,
    method: 'PUT',
    url,
    headers,
    expiresAt: expiresAt.toISOString(),
    ...(multipart && { multipart }),
  }
}
