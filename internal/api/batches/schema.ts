import { z } from '@hono/zod-openapi'
import { compressionOptionsSchema } from '../../codec/index.ts'
import { batchStates } from '../../store/index.ts'
import { listOf } from '../http/page.ts'
import { idSchema, plainText, sha256Schema, tagsSchema } from '../http/text.ts'
import { uploadSchema } from '../uploads/schema.ts'

const count = z.int().nonnegative()

export const batchSchema = z
  .object({
    id: z.string(),
    job: z.string(),
    name: z.string().optional().describe('What you called it.'),
    state: z.enum(batchStates),
    sealed: z.boolean().describe('Whether files can still be added.'),
    files: z.object({
      total: count,
      pending: count.describe('Announced, not uploaded.'),
      queued: count,
      processing: count,
      completed: count,
      failed: count,
      cancelled: count,
    }),
    bytes: z
      .object({ in: count, out: count, saved: z.int() })
      .describe('Of completed files; a kept original counts as much out as in.'),
    tags: z.record(z.string(), z.string()),
    lastEvent: count.describe('Position of the newest event, 0 for none: follow from here.'),
    createdAt: z.iso.datetime(),
    completedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Batch' })

/** Files of one manifest. */
export const mostManifestFiles = 10_000

export const manifestFileSchema = z.strictObject({
  name: z.string().describe('A relative path; unique in its batch.'),
  size: z.int().nonnegative().describe('Bytes. The upload must have exactly as many.'),
  type: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/, { message: 'must be a media type such as image/jpeg' })
    .max(100)
    .optional()
    .describe('Media type; the upload must be sent with it.'),
  sha256: sha256Schema.optional().describe('Of the contents, in hex. The upload must have it.'),
  tags: tagsSchema.optional(),
})

export type ManifestFile = z.infer<typeof manifestFileSchema>

export const createBatchSchema = z
  .strictObject({
    files: z
      .array(manifestFileSchema)
      .max(mostManifestFiles)
      .default([])
      .describe('What will be uploaded. More can be posted to the batch until it is sealed.'),
    job: z
      .string()
      .regex(/^([a-z0-9-]{1,63}\/)?[a-z0-9.-]{1,45}$/, { message: 'is not the name of a job' })
      .optional()
      .describe(
        'The job whose workers do it, such as `urgent` where the service has one, or `namespace/name` of a CompressionJob; without it `default`.',
      ),
    options: compressionOptionsSchema
      .meta({
        id: 'CompressionOptions',
        description:
          'A class of content is compressed only when its block is present. Where no class is named, both are.',
      })
      .optional(),
    profile: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe('In place of options: those the job has under this name.'),
    name: plainText({ min: 1, max: 200 }).optional().describe('What you call it, to find it again.'),
    tags: tagsSchema.optional(),
  })
  .refine(({ options, profile }) => options === undefined || profile === undefined, {
    message: 'give options or profile, not both',
    path: ['profile'],
  })
  .meta({ id: 'NewBatch' })

export const createdBatchSchema = batchSchema
  .extend({ uploads: listOf(uploadSchema).describe('Where to send the first files.') })
  .meta({ id: 'CreatedBatch' })

export const completeSchema = z.strictObject({
  files: z
    .array(idSchema)
    .min(1)
    .max(mostManifestFiles)
    .optional()
    .describe('Ids of files that are uploaded. Without it the batch is sealed: nothing more will be added.'),
})
