import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import pg from 'pg'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { startServices } from '../../tools/services/index.ts'
import type { ServiceAddresses } from './service-addresses.ts'

/** The servers of this run. Only inside tests and hooks of `describeServices`: elsewhere there may be none. */
export function services(): ServiceAddresses {
  const provided = inject('services')
  if ('unavailable' in provided) throw new Error(`no servers: ${provided.unavailable}`)
  return provided
}

/** A suite on real servers; skipped where there are none. Every `*.services.test.ts` has its tests in one. */
export function describeServices(name: string, suite: () => void): void {
  describe.skipIf('unavailable' in inject('services'))(name, suite)
}

/** A suite that starts servers of its own, to pull their plugs or to set them up differently. */
export function describeOwnServices(name: string, suite: () => void): void {
  const provided = inject('services')
  describe.skipIf('unavailable' in provided || provided.cannotStart !== undefined)(name, suite)
}

/** A name no other suite has: of a database, a bucket or a topic's beginning. */
export function uniqueName(): string {
  return `test-${randomUUID().slice(0, 13)}`
}

/** A database of the suite's own, removed after it. The returned function gives its URL, within hooks and tests. */
export function useDatabase(): () => string {
  const name = uniqueName()
  const asAdmin = async (statement: string) => {
    const client = new pg.Client({ connectionString: services().databaseUrl })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  beforeAll(() => asAdmin(`create database "${name}"`))
  afterAll(() => asAdmin(`drop database "${name}" with (force)`))
  return () => {
    const url = new URL(services().databaseUrl)
    url.pathname = `/${name}`
    return url.href
  }
}

/**
 * The servers of this run with a Kafka of the suite's own: the processes of a cluster all use the same topics and groups,
 * so two clusters on one Kafka would do each other's work. Inside `describeOwnServices`.
 */
export function useKafka(): () => ServiceAddresses {
  let own: { kafka: { brokers: string }; stop(): Promise<void> } | undefined
  beforeAll(async () => {
    own = await startServices({ kafka: true })
  }, 180_000)
  afterAll(() => own?.stop())
  return () => ({ ...services(), kafkaBrokers: own === undefined ? [] : [own.kafka.brokers] })
}

/** A bucket of the suite's own, removed after it with all that is in it. */
export function useBucket(): () => string {
  const name = uniqueName()
  const withClient = async (act: (client: S3Client) => Promise<void>) => {
    const client = new S3Client({ ...services().s3, forcePathStyle: true })
    try {
      await act(client)
    } finally {
      client.destroy()
    }
  }
  beforeAll(() =>
    withClient(async (client) => {
      await client.send(new CreateBucketCommand({ Bucket: name }))
    }),
  )
  afterAll(() =>
    withClient(async (client) => {
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: name })) {
        const Objects = Contents.map(({ Key }) => ({ Key }))
        if (Objects.length > 0)
          await client.send(new DeleteObjectsCommand({ Bucket: name, Delete: { Objects } }))
      }
      await client.send(new DeleteBucketCommand({ Bucket: name }))
    }),
  )
  return () => name
}
