import { expect, onTestFinished, test } from 'vitest'
import { type Service, startProcess } from '../../../test/support/service.ts'
import { describeServices, services, useDatabase } from '../../../test/support/services.ts'
import { secret, startReceiver } from '../../../test/support/webhook-receiver.ts'
import { defaultOptions } from '../../codec/index.ts'
import {
  createBatch,
  createPostgresStore,
  sealBatch,
  upsertWebhook,
  webhookState,
} from '../../store/index.ts'

const inTime = { timeout: 60_000, interval: 50 }

describeServices('a process that tells of ended batches', () => {
  const databaseUrl = useDatabase()

  /** Needs neither Kafka nor the object store. */
  async function start(): Promise<Service> {
    const service = await startProcess('api', {
      args: ['--roles', 'webhooks', '--webhook-allow', '127.0.0.1', '--host', '127.0.0.1'],
      env: {
        KOMPRESSOR_DATABASE_URL: databaseUrl(),
        KOMPRESSOR_KAFKA_BROKERS: '127.0.0.1:1',
        KOMPRESSOR_S3_BUCKET: 'none',
        KOMPRESSOR_S3_ENDPOINT: services().s3.endpoint,
        AWS_REGION: 'us-east-1',
      },
    })
    onTestFinished(() => service.kill())
    return service
  }

  test('that is killed between the call and its mark is followed by one that sends the same message', async () => {
    const receiver = await startReceiver()
    onTestFinished(receiver.stop)
    const store = await createPostgresStore({ url: databaseUrl() })
    onTestFinished(() => store.close())
    const { db } = store
    await upsertWebhook(db, { jobUid: 'default', url: receiver.url, secret }, new Date())

    const first = await start()
    let killed: Promise<void> | undefined
    receiver.answer = (response) => {
      killed ??= first.kill()
      void killed.then(() => response.writeHead(200).end())
    }
    const [tenantId, batchId, now] = ['default', 'b', new Date()]
    const expiresAt = new Date(now.getTime() + 3_600_000)
    const batch = { id: batchId, tenantId, jobUid: 'default', options: defaultOptions, tags: {}, expiresAt }
    await createBatch(db, { ...batch, files: [] })
    await sealBatch(db, { tenantId, batchId, now })
    await expect.poll(() => receiver.received.length, inTime).toBe(1)
    await killed
    expect(await webhookState(db, 'default')).toEqual({ gone: false, failure: undefined, waiting: 1 })

    // As a minute later, when its lease has ended.
    await db.execute("update webhook_deliveries set leased_until = now() - interval '1 second'")
    const second = await start()
    await expect.poll(async () => (await webhookState(db, 'default'))?.waiting, inTime).toBe(0)
    const [one, two] = receiver.received
    expect(receiver.received).toHaveLength(2)
    expect(two?.headers['webhook-id']).toBe(one?.headers['webhook-id'])
    expect(receiver.verified(two)).toEqual(receiver.verified(one))
    expect(receiver.verified(two)).toMatchObject({
      type: 'batch.completed',
      data: { batch: { id: batchId } },
    })
    expect(await second.stop()).toBe(0)
  })
})
