import { Readable } from 'node:stream'
import { type Service, startProcess } from '../../../test/support/service.ts'
import { addressesFrom, type ServiceAddresses } from '../../../test/support/service-addresses.ts'
import { namespaces } from '../../../tools/cluster/index.ts'
import { startServices } from '../../../tools/services/index.ts'
import { createJobTokens } from '../../auth/index.ts'
import { type Broker, createKafkaBroker } from '../../broker/index.ts'
import { type Client, createClient, createEventRecorder, type Transport } from '../../kube/index.ts'
import { createS3ObjectStore, type S3ObjectStore } from '../../objects/index.ts'
import { createPostgresStore, type Store } from '../../store/index.ts'
import { createLogger, createMetrics } from '../../telemetry/index.ts'
import { installCrd } from '../crd/install.fixture.ts'
import { type Operator, startOperator } from '../operator.ts'
import { signIn } from '../rbac/sign-in.fixture.ts'
import { type Kubelet, startKubelet } from './kubelet.fixture.ts'

/** All of Kompressor in a cluster: API, operator with its role and nothing else, and a node for its pods. */
export interface Installation {
  addresses: ServiceAddresses
  kubelet: Kubelet
  store: Store
  broker: Broker
  /** A further bucket, as its owner sees it. */
  bucket(name: string): Promise<S3ObjectStore>
  restartOperator(): Promise<void>
  stop(): Promise<void>
}

const secret = 'a secret of these tests'

export async function install(where: {
  client: Client
  kubeconfig: string
  namespace: string
}): Promise<Installation> {
  const { client, kubeconfig, namespace } = where
  const stops: (() => Promise<unknown>)[] = []
  const services = await startServices({ postgres: true, s3: true, kafka: true, toxiproxy: true })
  stops.push(() => services.stop())
  const addresses = addressesFrom(services.environment)
  if (addresses === undefined) throw new Error('the servers do not say where they are')
  await installCrd(client)
  // Pods that are less than restricted would not be admitted at all.
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await client.merge(namespaces, { name: namespace }, { metadata: { labels } })

  const api = await startApi(addresses)
  stops.push(() => api.stop())
  const store = await createPostgresStore({
    url: addresses.databaseUrl,
    metrics: createMetrics(),
    onError: () => undefined,
  })
  stops.push(() => store.close())
  const broker = createKafkaBroker({ brokers: addresses.kafkaBrokers, clientId: 'operator' })
  stops.push(() => broker.close())
  const transport: Transport = await signIn(client, { namespace, kubeconfig })
  stops.push(async () => transport.close())
  const own = createClient(transport, { fieldManager: 'kompressor-operator' })
  const begin = () =>
    startOperator({
      client: own,
      store,
      broker,
      tokens: createJobTokens([secret]),
      events: createEventRecorder({
        client: own,
        component: 'kompressor-operator',
        instance: 'test',
        onError: () => undefined,
        now: Date.now,
        random: Math.random,
      }),
      logger: createLogger({ level: 'silent', format: 'json', destination: process.stderr }),
      workers: {
        image: 'kompressor:1',
        env: {
          KOMPRESSOR_KAFKA_BROKERS: addresses.kafkaBrokers.join(','),
          KOMPRESSOR_API_URL: api.url,
          KOMPRESSOR_FETCH_ALLOW: '127.0.0.1',
        },
        secretEnv: {},
        bucket: { env: {}, secretEnv: {} },
      },
      now: () => new Date(),
      namespace,
      wakeMs: 500,
    })
  const kubelet = await startKubelet({ kubeconfig, namespace, node: `${namespace}-node` })
  stops.push(() => kubelet.stop())
  let operator: Operator = begin()
  stops.push(() => operator.stop())
  await operator.synced
  return {
    addresses,
    kubelet,
    store,
    broker,
    async bucket(name) {
      const made = await createS3ObjectStore({ ...addresses.s3, bucket: name })
      stops.push(() => made.close())
      return made
    },
    async restartOperator() {
      await operator.stop()
      operator = begin()
      await operator.synced
    },
    async stop() {
      for (const stop of stops.reverse()) await stop()
    },
  }
}

function startApi({ databaseUrl, kafkaBrokers, s3 }: ServiceAddresses): Promise<Service> {
  return startProcess('api', {
    args: ['--name', 'api'],
    readyMs: 240_000,
    env: {
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      AWS_REGION: s3.region,
      KOMPRESSOR_DATABASE_URL: databaseUrl,
      KOMPRESSOR_TOKEN_SECRET: secret,
      KOMPRESSOR_KAFKA_BROKERS: kafkaBrokers.join(','),
      KOMPRESSOR_S3_BUCKET: 'install',
      KOMPRESSOR_S3_ENDPOINT: s3.endpoint,
    },
  })
}

export async function put(bucket: S3ObjectStore, files: Readonly<Record<string, Buffer>>): Promise<void> {
  const entries = Object.entries(files)
  for (let from = 0; from < entries.length; from += 32) {
    await Promise.all(
      entries
        .slice(from, from + 32)
        .map(([key, bytes]) => bucket.put(key, Readable.from([bytes]), { size: bytes.length })),
    )
  }
}
