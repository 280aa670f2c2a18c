import { replicasIn } from '../config/index.ts'
import { createS3ObjectStore, type S3ObjectStore } from '../objects/index.ts'

/** A bucket of a job as flags name it, with credentials of its own or those the AWS SDK finds. */
export interface JobBucket {
  bucket: string
  endpoint: string | undefined
  region: string | undefined
  accessKeyId: string | undefined
  secretAccessKey: string | undefined
  sessionToken: string | undefined
}

/** Nothing is asked of the store yet. */
export function openJobBucket(
  { bucket, endpoint, region, accessKeyId, secretAccessKey, sessionToken }: JobBucket,
  options: Pick<Parameters<typeof createS3ObjectStore>[0], 'metrics' | 'limiter'> = {},
): Promise<S3ObjectStore> {
  return createS3ObjectStore({
    ...options,
    bucket,
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      }),
  })
}

/** The output bucket by its flags. */
export function outputBucket(config: {
  s3Bucket: string
  s3Endpoint: string | undefined
  s3Region: string | undefined
  s3AccessKeyId: string | undefined
  s3SecretAccessKey: string | undefined
  s3SessionToken: string | undefined
}): JobBucket {
  return {
    bucket: config.s3Bucket,
    endpoint: config.s3Endpoint,
    region: config.s3Region,
    accessKeyId: config.s3AccessKeyId,
    secretAccessKey: config.s3SecretAccessKey,
    sessionToken: config.s3SessionToken,
  }
}

/** The further buckets of the outputs, by their flags, and what is put before their keys. */
export async function openReplicas(
  config: Parameters<typeof replicasIn>[0],
  options: Parameters<typeof openJobBucket>[1] = {},
): Promise<{ name: string; prefix: string; store: S3ObjectStore }[]> {
  return Promise.all(
    replicasIn(config).map(async ({ prefix = '', region, ...where }) => ({
      name: `${where.endpoint}/${where.bucket}`,
      prefix,
      store: await openJobBucket({ ...where, region }, options),
    })),
  )
}

/** The source bucket by its flags; undefined when the job reads none. */
export function sourceBucket(config: {
  sourceBucket: string | undefined
  sourceEndpoint: string | undefined
  sourceRegion: string | undefined
  sourceAccessKeyId: string | undefined
  sourceSecretAccessKey: string | undefined
  sourceSessionToken: string | undefined
}): JobBucket | undefined {
  if (config.sourceBucket === undefined) return undefined
  return {
    bucket: config.sourceBucket,
    endpoint: config.sourceEndpoint,
    region: config.sourceRegion,
    accessKeyId: config.sourceAccessKeyId,
    secretAccessKey: config.sourceSecretAccessKey,
    sessionToken: config.sourceSessionToken,
  }
}
