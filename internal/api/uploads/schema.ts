import { z } from '@hono/zod-openapi'

const partNumberSchema = z.int().min(1).max(10_000)

/** How a file is cut into parts; the client cuts it so. */
const partsOf = {
  partSize: z.int().positive().describe('Bytes of every part but the last, which has the rest.'),
  parts: z.int().positive().describe('How many parts there are. They are numbered from 1.'),
}

const signed = {
  method: z.literal('PUT'),
  url: z.string(),
  headers: z.record(z.string(), z.string()).describe('To be sent as they are.'),
  expiresAt: z.iso.datetime(),
}

export const uploadSchema = z
  .object({
    fileId: z.string(),
    name: z.string(),
    ...signed,
    multipart: z
      .object(partsOf)
      .optional()
      .describe(
        'Of files above 64 MiB: upload them in parts (POST /v1/files/{id}/uploads), so that a cut upload goes on where it was. The URL works for the whole file all the same.',
      ),
  })
  .meta({ id: 'Upload' })

export const multipartUploadSchema = z
  .object({
    uploadId: z.string().describe('Opaque.'),
    fileId: z.string(),
    key: z.string().describe('Of the object in the store.'),
    size: z.int().positive(),
    ...partsOf,
    expiresAt: z.iso.datetime().describe('Until when the file waits for its bytes.'),
  })
  .meta({ id: 'MultipartUpload' })

export const signPartsSchema = z.strictObject({
  partNumbers: z.array(partNumberSchema).min(1).max(100),
})

export const signedPartSchema = z
  .object({ partNumber: partNumberSchema, ...signed })
  .meta({ id: 'SignedPart' })

export const uploadedPartSchema = z
  .object({
    partNumber: partNumberSchema,
    size: z.int().positive(),
    etag: z.string().describe('Without quotes.'),
  })
  .meta({ id: 'UploadedPart' })

export const completeUploadSchema = z.strictObject({
  parts: z
    .array(
      z.strictObject({
        partNumber: partNumberSchema,
        etag: z.string().min(1).max(200).describe('As the part was answered with, quoted or not.'),
      }),
    )
    .min(1)
    .max(10_000)
    .optional()
    .describe('Without it, all that have arrived.'),
})

export const completedUploadSchema = z
  .object({
    fileId: z.string(),
    size: z.int().positive(),
    etag: z.string(),
    location: z.string().describe('Where the bytes can be read once the file is queued.'),
  })
  .meta({ id: 'CompletedUpload' })

export type Upload = z.infer<typeof uploadSchema>
export type MultipartUpload = z.infer<typeof multipartUploadSchema>
export type SignedPart = z.infer<typeof signedPartSchema>
