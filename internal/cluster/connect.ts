import { type Broker, createKafkaBroker } from '../broker/index.ts'
import { type ApiConfig, readKafkaConnection } from '../config/index.ts'
import type { Limiter } from '../limits/index.ts'
import {
  createReplicatedObjectStore,
  createS3ObjectStore,
  type ObjectStore,
  type S3ObjectStore,
} from '../objects/index.ts'
import type { OnStop } from '../process/index.ts'
import type { ClusterDeps } from './deps.ts'

type KafkaConfig = Parameters<typeof readKafkaConnection>[0] & Pick<ApiConfig, 'name' | 'kafkaSessionTimeout'>
type S3Config = Pick<ApiConfig, 's3Bucket' | 's3Endpoint' | 's3PublicEndpoint' | 's3VirtualHost' | 's3Region'>

/** Nothing is asked of Kafka yet. */
export async function openBroker(config: KafkaConfig, deps: ClusterDeps, onStop: OnStop): Promise<Broker> {
  const { logger, metrics } = deps
  const connection = await readKafkaConnection(config)
  const { name: clientId, kafkaSessionTimeout: sessionTimeoutMs } = config
  const broker = createKafkaBroker({ ...connection, clientId, sessionTimeoutMs, logger, metrics })
  onStop('broker', () => broker.close())
  return broker
}

/** Who opens stores, with what may be asked of them. */
type StoreDeps = Pick<ClusterDeps, 'metrics'> & { limiter?: Limiter }

/** Nothing is asked of the store yet. */
export async function openObjects(
  config: S3Config,
  { metrics, limiter }: StoreDeps,
  onStop: OnStop,
): Promise<S3ObjectStore> {
  const {
    s3Bucket: bucket,
    s3Endpoint: endpoint,
    s3PublicEndpoint: publicEndpoint,
    s3Region: region,
  } = config
  const objects = await createS3ObjectStore({
    bucket,
    ...(endpoint !== undefined && { endpoint }),
    ...(publicEndpoint !== undefined && { publicEndpoint }),
    ...(region !== undefined && { region }),
    ...(config.s3VirtualHost && { pathStyle: false }),
    metrics,
    ...(limiter && { limiter }),
  })
  onStop('objects', () => objects.close())
  return objects
}

/**
 * The same store with the replicas of its outputs, for those who write and delete them: who only reads must not need
 * every region.
 */
export async function withReplicas(
  objects: S3ObjectStore,
  { s3Replica }: Pick<ApiConfig, 's3Replica'>,
  { metrics, limiter }: StoreDeps,
  onStop: OnStop,
): Promise<ObjectStore> {
  const replicas = await Promise.all(
    s3Replica.map(async ({ endpoint, bucket, region }) => {
      const place = { endpoint, bucket, ...(region !== undefined && { region }) }
      const store = await createS3ObjectStore({ ...place, metrics, ...(limiter && { limiter }) })
      onStop('replicas', () => store.close())
      return { name: `${endpoint}/${bucket}`, store }
    }),
  )
  return createReplicatedObjectStore(objects, replicas, { covers: (key) => key.startsWith('out/') })
}
