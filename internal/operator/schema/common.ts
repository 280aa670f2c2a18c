import { z } from 'zod'

/** A duration with its unit, as everywhere in Kompressor. */
export const durationText = z
  .string()
  .max(16)
  .regex(/^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$/)

/** A number of bytes with its unit, as everywhere in Kompressor. */
export const sizeText = z
  .string()
  .max(24)
  .regex(/^[0-9]+(\.[0-9]+)?([KMGT]i?B?|kB|B)$/)

export const endpointText = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[^\s/?#]+\/?$/)
  .describe('Address of an S3-compatible store, such as http://minio.storage:9000. AWS itself when empty.')

export const bucketText = z
  .string()
  .min(3)
  .max(63)
  .regex(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/)

export const regionText = z.string().max(64).describe('Region of the bucket. Default us-east-1.')

export const credentialsRef = z
  .object({
    name: z.string().min(1).max(253).describe('Name of a Secret in the namespace of the job.'),
  })
  .describe(
    'Secret with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if there is one. ' +
      'Without it the workers use what their service account gives them (IRSA, workload identity), or none.',
  )

export const keyRef = (what: string) =>
  z
    .object({
      name: z.string().min(1).max(253).describe('Name of the object, in the namespace of the job.'),
      key: z.string().min(1).max(253).describe('Key within it.'),
    })
    .describe(what)

/** A block that is there with its defaults also when nobody writes it. */
export function section<T extends z.ZodObject>(block: T) {
  // Rules are checked on the default as it stands, so it names every field that has one of its own.
  return z.prefault(block, {} as z.input<T>).meta({ default: block.parse({}) })
}
