import { z } from 'zod'
import { bucketText, credentialsRef, endpointText, regionText } from './common.ts'

const target = {
  bucket: bucketText.describe('Bucket to write to.'),
  prefix: z.string().max(1024).default('').describe('Put before every key.'),
  endpoint: endpointText.optional(),
  region: regionText.optional(),
  credentialsSecretRef: credentialsRef.optional(),
}

export const outputSchema = z
  .object({
    s3: z
      .object({
        ...target,
        keyTemplate: z
          .string()
          .min(1)
          .max(1024)
          .optional()
          .describe(
            'How the key of an output is made. The default keeps the whole name of the source and appends an extension ' +
              'only when the type changes (a.png becomes a.png.webp), so that nothing collides.',
          ),
      })
      .describe('A bucket. It may not overlap the source.'),
    onExisting: z
      .enum(['Skip', 'Overwrite'])
      .default('Skip')
      .describe('What to do when the output is there already and was not made from this very source.'),
    preserve: z
      .array(z.enum(['UserMetadata', 'CacheControl', 'ContentDisposition', 'Tags', 'StorageClass']))
      .max(5)
      .default(['UserMetadata', 'CacheControl', 'ContentDisposition', 'Tags', 'StorageClass'])
      .describe('What an output takes over from its source besides the content.'),
    replicas: z
      .array(z.object(target))
      .max(5)
      .optional()
      .describe('Further buckets that every output is written to before its file counts as done.'),
  })
  .describe('Where the results go. It cannot be changed later.')
