import { z } from 'zod'
import { rules } from './rules.ts'
import { specSchema } from './spec.ts'
import { statusSchema } from './status.ts'

export const group = 'kompressor.dev'
export const version = 'v1alpha1'
export const kind = 'CompressionJob'
export const plural = 'compressionjobs'
/** Topic, group and pods carry the name and something more; labels of Kubernetes have 63 characters. */
export const maxNameLength = 45

/**
 * A CompressionJob as people write it, with defaults filled in by `parse`. The one source: the CRD, the types, the
 * reference and the checks of examples are made from it.
 */
export const compressionJobSchema = z
  .object({
    spec: specSchema,
    status: statusSchema.optional(),
  })
  .meta(
    rules({
      rule: `size(self.metadata.name) <= ${maxNameLength}`,
      message: `the name may have at most ${maxNameLength} characters: names of topics and pods are made from it`,
    }),
  )
  .describe(
    'CompressionJob compresses files: those of a bucket or a list, until they are done, or those clients send, for ever.',
  )

export type CompressionJobSpec = z.infer<typeof specSchema>
export type { Compression } from './compression.ts'
export type { Condition, ConditionType, Status } from './status.ts'
