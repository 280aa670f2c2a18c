import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { KompressorError } from '../../errors/index.ts'

/** How to reach a store, and as whom. */
export interface S3Connection {
  /** Such as `https://minio.example.com:9000`. Absent: AWS, in the region. */
  endpoint?: string
  /** Absent: where the AWS SDK finds one (AWS_REGION, the profile), and us-east-1 for an endpoint without one. */
  region?: string
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. Default: true for an endpoint, false for AWS. */
  pathStyle?: boolean
  /** Default: the AWS SDK's chain (environment, profile, IRSA, pod identity, instance role). */
  credentials?:
    | 'chain'
    | 'anonymous'
    | { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** Longest a connection may take, milliseconds. Default 5 s. */
  connectTimeoutMs?: number
  /** Longest the store may let us wait for an answer's head, or a sent body take, milliseconds. Default 60 s. */
  requestTimeoutMs?: number
  /** Tries of one call, with jitter in between. Default 4. */
  maxAttempts?: number
  /** Connections at the same time. Default 64. */
  maxConnections?: number
}

/** Makes a client. Throws invalid_configuration when no region can be found. */
export async function connect(connection: S3Connection): Promise<S3Client> {
  const client = new S3Client(configOf(connection))
  try {
    await client.config.region()
    return client
  } catch (error) {
    client.destroy()
    if (connection.endpoint !== undefined)
      return new S3Client(configOf({ ...connection, region: 'us-east-1' }))
    throw new KompressorError(
      'invalid_configuration',
      'the region of the bucket is not known; set --s3-region or AWS_REGION',
      { cause: error },
    )
  }
}

function configOf(connection: S3Connection): S3ClientConfig {
  const { endpoint, region, credentials = 'chain', maxAttempts = 4, maxConnections = 64 } = connection
  const agent = { keepAlive: true, maxSockets: maxConnections }
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    forcePathStyle: connection.pathStyle ?? endpoint !== undefined,
    ...identity(credentials),
    maxAttempts,
    retryMode: 'standard',
    // Otherwise presigned URLs carry the checksum of no bytes, and stores that know no trailers refuse writes.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connection.connectTimeoutMs ?? 5_000,
      requestTimeout: connection.requestTimeoutMs ?? 60_000,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  }
}

function identity(credentials: NonNullable<S3Connection['credentials']>): S3ClientConfig {
  if (credentials === 'chain') return {}
  if (credentials !== 'anonymous') return { credentials }
  return {
    // Asked for although nothing is signed.
    credentials: { accessKeyId: '', secretAccessKey: '' },
    signer: { sign: async (request) => request },
  }
}
