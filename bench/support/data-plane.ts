import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import pg from 'pg'
import { type Broker, createKafkaBroker } from '../../internal/broker/index.ts'
import { workerNodeOptions } from '../../internal/config/index.ts'
import { createS3ObjectStore, type S3ObjectStore } from '../../internal/objects/index.ts'
import { type Service, startProcess } from '../../test/support/service.ts'
import { addressesFrom, type ServiceAddresses } from '../../test/support/service-addresses.ts'
import { startServices } from '../../tools/services/index.ts'

/** Machines that measure may be busy while they start. */
const readyMs = 240_000

/** Real Kafka, Postgres and S3, with a database and a bucket of the bench's own. */
export interface DataPlane {
  addresses: ServiceAddresses
  databaseUrl: string
  bucket: string
  objects: S3ObjectStore
  broker: Broker
  /** `kompressor api`. */
  startApi(args?: readonly string[]): Promise<Service>
  /** `kompressor worker`, which asks nobody what was cancelled. */
  startWorker(args?: readonly string[]): Promise<Service>
}

/** Runs `use` on these servers, those the environment names, or ones started for it, and ends what it started. */
export async function withDataPlane<T>(
  use: (plane: DataPlane) => Promise<T>,
  given = addressesFrom(process.env),
): Promise<T> {
  if (given !== undefined) return onServers(given, use)
  const services = await startServices({
    postgres: { durable: true },
    s3: true,
    kafka: true,
    toxiproxy: true,
  })
  try {
    const addresses = addressesFrom(services.environment)
    if (addresses === undefined) throw new Error('the servers do not say where they are')
    return await onServers(addresses, use)
  } finally {
    await services.stop()
  }
}

async function onServers<T>(addresses: ServiceAddresses, use: (plane: DataPlane) => Promise<T>): Promise<T> {
  const name = `bench-${randomUUID().slice(0, 13)}`
  const { kafkaBrokers, s3 } = addresses
  await statement(addresses.databaseUrl, `create database "${name}"`)
  await createBucket(addresses, name)
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-bench-'))
  const objects = await createS3ObjectStore({ ...s3, bucket: name })
  const broker = createKafkaBroker({ brokers: kafkaBrokers, clientId: 'bench' })
  const running: Service[] = []
  const databaseUrl = new URL(addresses.databaseUrl)
  databaseUrl.pathname = `/${name}`
  const env = {
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    AWS_REGION: s3.region,
    KOMPRESSOR_KAFKA_BROKERS: kafkaBrokers.join(','),
    KOMPRESSOR_S3_BUCKET: name,
    KOMPRESSOR_S3_ENDPOINT: s3.endpoint,
  }
  const start = async (command: string, args: readonly string[], own: Record<string, string>) => {
    const service = await startProcess(command, { args, env: { ...env, ...own }, readyMs })
    running.push(service)
    return service
  }
  try {
    return await use({
      addresses,
      databaseUrl: databaseUrl.href,
      bucket: name,
      objects,
      broker,
      startApi: (args = []) => start('api', args, { KOMPRESSOR_DATABASE_URL: databaseUrl.href }),
      startWorker: (args = []) =>
        start('worker', args, {
          NODE_OPTIONS: workerNodeOptions,
          KOMPRESSOR_SCRATCH_DIR: join(folder, `worker-${running.length}`),
        }),
    })
  } finally {
    await Promise.all(running.map((service) => service.stop()))
    await broker.close()
    await objects.close()
    await rm(folder, { recursive: true, force: true })
    await statement(addresses.databaseUrl, `drop database if exists "${name}" with (force)`)
  }
}

async function statement(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

async function createBucket({ s3 }: ServiceAddresses, name: string): Promise<void> {
  const client = new S3Client({ ...s3, forcePathStyle: true })
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }))
  } finally {
    client.destroy()
  }
}
