import type { Limiter } from '../../limits/index.ts'
import type { Metrics } from '../../telemetry/index.ts'
import type { RatePolicy } from './adaptive-rate.ts'
import { Calls } from './calls.ts'
import { connect, type S3Connection } from './connection.ts'
import { Gate } from './gate.ts'
import { Presigner } from './presigner.ts'
import { type S3ObjectStore, S3Store } from './store.ts'

export interface S3ObjectStoreOptions extends S3Connection {
  bucket: string
  /** Where the holders of presigned URLs reach the store. Default: the endpoint. */
  publicEndpoint?: string
  /** Requests a second of this process. Default: 200 to begin with, 1 to 3,000. */
  rate?: Partial<RatePolicy>
  /** What this process may ask of stores, whichever they are. Default: as much as this one takes. */
  limiter?: Limiter
  /** How often a body that is being read may break off without a byte in between. Default 5. */
  maxResumes?: number
  /** Silence in a body, while somebody waits for it, that counts as broken off, milliseconds. Default 30 s. */
  bodyIdleMs?: number
  metrics?: Metrics
  /** Default: the system's clock. */
  now?: () => Date
  /** Uniform in [0, 1). Default Math.random. */
  random?: () => number
}

const usualRate: RatePolicy = { initial: 200, min: 1, max: 3000 }
const longestBackoffMs = 5_000

/**
 * Opens a bucket. Nothing is asked of the store yet; `check` does. Throws invalid_configuration.
 *
 *     const objects = await createS3ObjectStore({ bucket: 'kompressor', endpoint: 'http://minio:9000' })
 */
export async function createS3ObjectStore(options: S3ObjectStoreOptions): Promise<S3ObjectStore> {
  const { bucket, endpoint, publicEndpoint = endpoint, rate, metrics, limiter } = options
  const { now = () => new Date(), random = Math.random } = options
  const client = await connect(options)
  const signing =
    publicEndpoint === undefined || publicEndpoint === endpoint
      ? client
      : await connect({ ...options, endpoint: publicEndpoint })
  const gate = new Gate({ ...usualRate, ...rate }, () => performance.now())
  return new S3Store({
    bucket,
    calls: new Calls({ client, gate, limiter, metrics }),
    presigner: new Presigner({ client: signing, bucket, now }),
    reading: {
      maxResumes: options.maxResumes ?? 5,
      idleMs: options.bodyIdleMs ?? 30_000,
      backoffMs: (failures) => random() * Math.min(longestBackoffMs, 100 * 2 ** failures),
      limiter,
    },
    now,
    onClosed: () => {
      client.destroy()
      signing.destroy()
    },
  })
}
