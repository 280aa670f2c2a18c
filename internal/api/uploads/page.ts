import { type FileRow, listFiles } from '../../store/index.ts'
import type { Services } from '../env.ts'
import { type Page, readPage } from '../http/page.ts'
import { multipartAbove, partCountOf, partSizeOf } from './part-size.ts'
import type { Upload } from './schema.ts'
import { type Lifetime, urlExpiry } from './url-expiry.ts'

/** Signing costs 0.15 ms each on the event loop: a page of this many is answered within 15 ms. */
export const uploadsPerPage = 100

/** What a signed upload needs to know of a file. */
export type Uploadable = Pick<
  FileRow,
  'id' | 'name' | 'uploadKey' | 'size' | 'type' | 'sha256' | 'uploadExpiresAt'
>

type Signing = Lifetime & Pick<Services, 'objects'>

interface UploadsRequest {
  tenantId: string
  batchId: string
  cursor?: string | undefined
}

/** A page of signed uploads for the files of a batch that await their bytes. */
export async function uploadsPage(
  services: Signing & Pick<Services, 'store'>,
  { tenantId, batchId, cursor }: UploadsRequest,
): Promise<Page<Upload>> {
  const page = await readPage({ limit: uploadsPerPage, cursor, scope: uploadsScope(batchId) }, (position) =>
    listFiles(services.store.db, { tenantId, batchId, state: 'pending', ...position }),
  )
  const items = await signUploads(services, page.items)
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor }
}

export function uploadsScope(batchId: string): readonly unknown[] {
  return ['uploads', batchId]
}

/** Files that came through the API have their bytes, and are left out. */
export async function signUploads(services: Signing, files: readonly Uploadable[]): Promise<Upload[]> {
  const uploads = await Promise.all(files.map((file) => signUpload(services, file)))
  return uploads.filter((upload) => upload !== undefined)
}

async function signUpload(services: Signing, file: Uploadable): Promise<Upload | undefined> {
  const { id, name, uploadKey, size, type, sha256, uploadExpiresAt } = file
  if (uploadExpiresAt === null || size === null) return undefined
  const { url, headers, expiresAt } = await services.objects.presignPut(uploadKey, {
    expiresAt: urlExpiry(services, uploadExpiresAt),
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
