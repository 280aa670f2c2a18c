import { KompressorError } from '../../errors/index.ts'
import type { ObjectInfo } from '../../objects/index.ts'
import { type FileRow, requireFile } from '../../store/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { partCountOf, partSizeOf, sizeOfPart } from './part-size.ts'
import {
  abortUploadRoute,
  completeUploadRoute,
  createUploadRoute,
  listPartsRoute,
  signPartsRoute,
} from './routes.ts'
import type { MultipartUpload, SignedPart } from './schema.ts'
import { urlExpiry } from './url-expiry.ts'

/**
 * Uploads of files in parts. What there is of an upload is in the object store alone: its owner names it by its id, and
 * the sweeper ends those whose files do not wait any more.
 */
export function multipartRoutes(app: ApiApp, services: Services): void {
  const { store, objects, publicUrl } = services
  const fileOf = (c: Parameters<typeof tenantOf>[0], id: string) => requireFile(store.db, tenantOf(c), id)

  app.openapi(
    createUploadRoute,
    async (c) => {
      const file = awaiting(services, await fileOf(c.env.incoming, c.req.valid('param').id))
      const existing = await openUploadOf(services, file.uploadKey)
      if (existing !== undefined) return c.json(describe(file, existing), 200)
      const attributes = file.type === null ? {} : { contentType: file.type }
      const { uploadId } = await objects.createUpload(file.uploadKey, { attributes })
      return c.json(describe(file, uploadId), 201)
    },
    faults(createUploadRoute),
  )

  app.openapi(
    listPartsRoute,
    async (c) => {
      const { id, uploadId } = c.req.valid('param')
      const { uploadKey } = await fileOf(c.env.incoming, id)
      return c.json({ items: await objects.listParts(uploadKey, uploadId) }, 200)
    },
    faults(listPartsRoute),
  )

  app.openapi(
    signPartsRoute,
    async (c) => {
      const { id, uploadId } = c.req.valid('param')
      const file = awaiting(services, await fileOf(c.env.incoming, id))
      const { partNumbers } = c.req.valid('json')
      const items = await Promise.all(partNumbers.map((n) => signPart(services, file, uploadId, n)))
      return c.json({ items }, 200)
    },
    faults(signPartsRoute),
  )

  app.openapi(
    completeUploadRoute,
    async (c) => {
      const { id, uploadId } = c.req.valid('param')
      const file = sized(await fileOf(c.env.incoming, id))
      const { parts } = c.req.valid('json')
      const { size, etag } = await complete(services, file, uploadId, parts)
      return c.json({ fileId: id, size, etag, location: `${publicUrl()}/v1/files/${id}/original` }, 200)
    },
    faults(completeUploadRoute),
  )

  app.openapi(
    abortUploadRoute,
    async (c) => {
      const { id, uploadId } = c.req.valid('param')
      const { uploadKey } = await fileOf(c.env.incoming, id)
      await objects.abortUpload(uploadKey, uploadId)
      return c.body(null, 204)
    },
    faults(abortUploadRoute),
  )
}

type Sized = FileRow & { size: number }
type Awaiting = Sized & { uploadExpiresAt: Date }

/** A file whose bytes its owner uploads. Throws not_pending for one that came through the API. */
function sized(file: FileRow): Sized {
  if (file.size !== null && file.uploadExpiresAt !== null) return { ...file, size: file.size }
  throw new KompressorError('not_pending', `file ${file.id} has its bytes already`)
}

/** A file that waits for its bytes. Throws not_pending, upload_expired, empty_file. */
function awaiting({ clock }: Services, row: FileRow): Awaiting {
  const file = sized(row)
  const { id, state, size, uploadExpiresAt } = file
  if (state !== 'pending' || uploadExpiresAt === null) {
    throw new KompressorError('not_pending', `file ${id} is ${state}; announce it again to upload it again`)
  }
  if (uploadExpiresAt <= clock()) {
    throw new KompressorError('upload_expired', `file ${id} waited for its bytes until it was too late`)
  }
  if (size === 0) throw new KompressorError('empty_file', `file ${id} was announced without bytes`)
  return { ...file, uploadExpiresAt }
}

async function openUploadOf({ objects }: Services, key: string): Promise<string | undefined> {
  for await (const upload of objects.listUploads({ prefix: key })) {
    if (upload.key === key) return upload.uploadId
  }
  return undefined
}

function describe({ id, uploadKey, size, uploadExpiresAt }: Awaiting, uploadId: string): MultipartUpload {
  const cut = { size, partSize: partSizeOf(size), parts: partCountOf(size) }
  return { uploadId, fileId: id, key: uploadKey, ...cut, expiresAt: uploadExpiresAt.toISOString() }
}

async function signPart(
  services: Services,
  { id, uploadKey, size, uploadExpiresAt }: Awaiting,
  uploadId: string,
  partNumber: number,
): Promise<SignedPart> {
  const count = partCountOf(size)
  if (partNumber > count) {
    throw new KompressorError('invalid_part', `file ${id} has ${count} parts; there is no part ${partNumber}`)
  }
  const { url, headers, expiresAt } = await services.objects.presignPart(uploadKey, {
    uploadId,
    partNumber,
    size: sizeOfPart(size, partNumber),
    expiresAt: urlExpiry(services, uploadExpiresAt),
  })
  return { partNumber, method: 'PUT', url, headers, expiresAt: expiresAt.toISOString() }
}

/** Repeatable: when the first answer was lost the upload has ended, and the object is what it was to become. */
async function complete(
  services: Services,
  file: Sized,
  uploadId: string,
  parts: { partNumber: number; etag: string }[] | undefined,
): Promise<ObjectInfo> {
  const { objects } = services
  const { uploadKey, size } = file
  try {
    awaiting(services, file)
    return await objects.completeUpload(uploadKey, uploadId, { size, ...(parts && { parts }) })
  } catch (error) {
    const ended = error instanceof KompressorError && ['not_pending', 'upload_not_found'].includes(error.code)
    const there = ended ? await objects.head(uploadKey) : undefined
    if (there?.size !== size) throw error
    return there
  }
}
