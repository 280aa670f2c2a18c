import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Compressor, createCompressor, defaultLimits } from '../../internal/codec/index.ts'
import { startProjector, startRelay } from '../../internal/delivery/index.ts'
import {
  createReplicatedObjectStore,
  createS3ObjectStore,
  type ObjectStore,
  type S3ObjectStore,
} from '../../internal/objects/index.ts'
import { isUnwanted } from '../../internal/store/index.ts'
import { startWorker } from '../../internal/worker/index.ts'
import { startServices } from '../../tools/services/index.ts'
import { fixtures } from '../fixtures/index.ts'
import { eventually, job, useParts } from '../support/parts.ts'
import { describeServices, services, uniqueName, useBucket } from '../support/services.ts'

describeServices('outputs in two regions', () => {
  const parts = useParts()
  const bucket = useBucket()
  let other: Awaited<ReturnType<typeof otherRegion>>
  let here: S3ObjectStore
  let there: S3ObjectStore
  let objects: ObjectStore
  let compressor: Compressor
  let running: { stop(): Promise<void> }[] = []

  beforeAll(async () => {
    other = await otherRegion()
    here = await createS3ObjectStore({ ...services().s3, bucket: bucket() })
    there = await createS3ObjectStore({ ...other.connection, bucket: other.bucket, maxAttempts: 2 })
    objects = createReplicatedObjectStore(here, [{ name: 'the other region', store: there }], {
      covers: (key) => key.startsWith('out/'),
    })
    compressor = createCompressor({ slots: 1 })
  }, 180_000)
  afterEach(async () => {
    for (const part of running.reverse()) await part.stop()
    running = []
  })
  afterAll(async () => {
    await compressor.close()
    await here.close()
    await there.close()
    await other.stop()
  })

  async function deliver(): Promise<void> {
    const { store, broker, deps } = parts
    const onCrash = (error: Error) => expect.unreachable(String(error))
    running.push(await startProjector({ ...deps, store, broker, random: () => 1, onCrash }))
    running.push(
      await startWorker({
        ...deps,
        broker,
        objects,
        compressor,
        topic: job.topic,
        group: job.group,
        control: { isUnwanted: (work) => isUnwanted(store.db, work) },
        limits: defaultLimits,
        scratchDir: parts.scratch(),
        name: 'tester',
        onCrash,
      }),
    )
    running.push(await startRelay({ ...deps, store, broker, wantedSlots: () => 1 }))
  }

  /** Lets back-offs pass until the file got this far. */
  async function untilAttempt(id: string, attempt: number): Promise<void> {
    while ((await parts.file(id)).attempt < attempt) {
      const before = (await parts.file(id)).attempt
      await eventually(async () => (await parts.file(id)).attempt).toBe(before + 1)
      parts.advance(((await parts.file(id)).queuedAt?.getTime() ?? 0) - parts.now().getTime())
      await parts.notifyTasks()
    }
  }

  test('a region that is away holds a file up, however long, and loses nothing', async () => {
    await parts.store.db.execute('update jobs set max_attempts = 2')
    await other.s3.stop()
    const bytes = fixtures.log()
    const id = uniqueName()
    await objects.put(`in/default/${id}`, Readable.from([bytes]))
    await parts.queue(id, { size: bytes.length })
    await deliver()
    // More often than a failure of the file would be let pass.
    await untilAttempt(id, 4)
    const waiting = await parts.file(id)
    expect(waiting).toMatchObject({ failures: 0, result: null })
    expect(new Set(waiting.history.map(({ code }) => code))).toEqual(new Set(['replica_unavailable']))

    await other.s3.start()
    await untilEnded(id)
    const { state, result } = await parts.file(id)
    expect(state).toBe('completed')
    const [output] = result?.outputs ?? []
    for (const store of [here, there]) {
      const { info, body } = await store.get(output?.key ?? '')
      expect((await buffer(body)).length).toBe(output?.bytes)
      expect(info.attributes).toMatchObject({ metadata: { sha256: output?.sha256 } })
    }
    expect(await there.head(`in/default/${id}`)).toBeUndefined()
  }, 180_000)

  async function untilEnded(id: string): Promise<void> {
    const isOpen = async () => ['queued', 'processing'].includes((await parts.file(id)).state)
    const deadline = performance.now() + 120_000
    while (await isOpen()) {
      if (performance.now() > deadline) throw new Error('the file did not end')
      parts.advance(60_000)
      await parts.notifyTasks()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
})

async function otherRegion() {
  const { s3, stop } = await startServices({ s3: true })
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = s3.environment
  const connection = {
    endpoint: s3.endpoint,
    region: AWS_REGION,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  }
  const bucket = uniqueName()
  const client = new S3Client({ ...connection, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
  return { s3, stop, connection, bucket }
}
