import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createKafkaBroker } from '../../internal/broker/index.ts'
import { defaultOptions } from '../../internal/codec/index.ts'
import { preservable } from '../../internal/messages/index.ts'
import { createS3ObjectStore, type S3ObjectStore } from '../../internal/objects/index.ts'
import {
  createFiniteJob,
  createPostgresStore,
  listJobs,
  readPlan,
  readTallies,
  requireBatch,
  type Store,
} from '../../internal/store/index.ts'
import { createMetrics } from '../../internal/telemetry/index.ts'
import type { Running } from '../cli/command.ts'
import { fixtures } from '../fixtures/index.ts'
import type { Service } from '../support/service.ts'
import {
  describeOwnServices,
  services,
  uniqueName,
  useBucket,
  useDatabase,
  useKafka,
} from '../support/services.ts'
import { type Cluster, createCluster } from './cluster.ts'

const inTime = { timeout: 240_000, interval: 100 }

describeOwnServices('the pods of a finite job', () => {
  const database = useDatabase()
  const servers = useKafka()
  const sourceBucket = useBucket()
  const outputBucket = useBucket()
  let cluster: Cluster
  let api: Service
  let store: Store
  let from: S3ObjectStore
  let to: S3ObjectStore

  beforeAll(async () => {
    cluster = await createCluster({ servers: servers(), databaseUrl: database(), bucket: outputBucket() })
    api = await cluster.startApi()
    store = await createPostgresStore({ url: database(), metrics: createMetrics(), onError: () => undefined })
    from = await createS3ObjectStore({ ...services().s3, bucket: sourceBucket() })
    to = await createS3ObjectStore({ ...services().s3, bucket: outputBucket() })
  }, 600_000)
  afterAll(async () => {
    await cluster?.stop()
    await Promise.all([store?.close(), from?.close(), to?.close()])
  }, 120_000)

  /** A job as the operator makes it, with its topic. */
  async function makeJob(prefix: string) {
    const name = uniqueName()
    const job = {
      uid: name,
      tenantId: 'default',
      namespace: 'test',
      name,
      topic: `file-compression.${name}`,
      consumerGroup: `kompressor-workers.${name}`,
      partitions: 2,
      maxAttempts: 3,
      initialBackoffMs: 100,
      maxBackoffMs: 1_000,
      source: { bucket: sourceBucket(), prefix },
      output: {
        prefix: 'web/',
        keyTemplate: '{path}{newext}',
        onExisting: 'Skip' as const,
        preserve: [...preservable],
      },
      reads: { kind: 'prefix', filter: { exclude: ['**/*.tmp'] } },
      batch: { id: `batch-${name}`, options: defaultOptions, tags: {}, expiresAt: new Date('2100-01-01') },
    }
    const broker = createKafkaBroker({ brokers: servers().kafkaBrokers, clientId: 'test' })
    await broker.ensureTopic(job.topic, { partitions: job.partitions })
    await broker.close()
    await createFiniteJob(store.db, job)
    return job
  }

  const readsSource = () => ['--source-bucket', sourceBucket(), '--source-endpoint', services().s3.endpoint]
  const plan = ({ uid }: { uid: string }, args: readonly string[] = []) =>
    cluster.startTask('planner', api, uid, [...readsSource(), ...args])
  const put = (key: string, bytes: Buffer) => from.put(key, Readable.from([bytes]), { size: bytes.length })
  const well = async (task: Running) => {
    const { code, stdout, stderr } = await task.finished
    expect(code, stdout + stderr).toBe(0)
  }
  const batchOf = ({ batch }: { batch: { id: string } }) => requireBatch(store.db, 'default', batch.id)

  test('a planner that is killed is followed by one that leaves no gap and repeats nothing', async () => {
    const count = 1_200
    const keys = Array.from({ length: count }, (_, i) => `many/${String(i).padStart(5, '0')}.log`)
    for (let i = 0; i < count; i += 50) {
      await Promise.all(keys.slice(i, i + 50).map((key) => put(key, Buffer.from(key))))
    }
    const job = await makeJob('many/')
    const first = plan(job)
    await vi.waitUntil(async () => (await readPlan(store.db, job.uid)).nextPage > 0, inTime)
    first.child.kill('SIGKILL')
    await first.finished
    await well(plan(job))
    expect(await readPlan(store.db, job.uid)).toMatchObject({ complete: true, foundFiles: count, leftOut: 0 })
    expect(await batchOf(job)).toMatchObject({ queued: count, sealed: true })
    // Planning it once more changes nothing.
    await well(plan(job))
    expect(await batchOf(job)).toMatchObject({ queued: count })
  }, 300_000)

  test('planner, worker and report writer take a bucket to another, and a second job does only what is new', async () => {
    for (let i = 0; i < 20; i += 1)
      await put(`photos/${i}.log`, Buffer.concat([fixtures.log(), Buffer.from(`${i}`)]))
    await put('photos/broken.jpg', fixtures.truncated(await fixtures.photo()))
    await put('photos/left.tmp', Buffer.from('x'))
    const job = await makeJob('photos/')
    const worker = await cluster.startWorker(api, [
      '--job',
      job.uid,
      '--topic',
      job.topic,
      '--group',
      job.consumerGroup,
      ...readsSource(),
    ])
    await well(plan(job))
    await vi.waitUntil(async () => (await batchOf(job)).state === 'completed', inTime)
    expect(await batchOf(job)).toMatchObject({ completed: 20, failed: 1 })
    expect(await readTallies(store.db, job.batch.id, 'failure')).toMatchObject([
      { name: 'truncated_input', files: 1 },
    ])
    await well(cluster.startTask('report', api, job.uid))
    await worker.stop()

    const stored = (await listJobs(store.db)).find(({ uid }) => uid === job.uid)
    const reportKey = stored?.reportKey ?? ''
    expect(reportKey).toMatch(/^\.kompressor\/test\..+\/report\.json$/)
    const { body } = await to.get(reportKey)
    expect(JSON.parse(Buffer.concat(await body.toArray()).toString())).toMatchObject({
      job: { uid: job.uid, namespace: 'test' },
      files: { found: 21, completed: 20, failed: 1, cancelled: 0 },
      leftOut: 1,
      ledger: { files: { total: 21, compressed: 20, failed: 1 } },
    })
    expect((await to.list({ prefix: 'web/' })).items).toHaveLength(20)

    await put('photos/new.log', fixtures.log())
    const again = await makeJob('photos/')
    await well(plan(again))
    expect(await batchOf(again)).toMatchObject({ queued: 2, completed: 20 })
  }, 300_000)

  test('a planner that is kept from its bucket says so, and goes on by itself', async () => {
    const job = await makeJob('nothing/')
    const missing = `${outputBucket()}-missing`
    const task = plan(job, ['--s3-bucket', missing])
    const trouble = await vi.waitUntil(
      async () => (await listJobs(store.db)).find(({ uid }) => uid === job.uid)?.trouble,
      inTime,
    )
    expect(trouble).toMatchObject({ code: 'bucket_not_found', message: `There is no bucket ${missing}` })
    expect(task.child.exitCode).toBeNull()
    task.child.kill('SIGTERM')
    expect((await task.finished).code).toBe(143)
    // With nothing to read the job is complete.
    await well(plan(job))
    expect(await batchOf(job)).toMatchObject({ state: 'completed', completed: 0 })
    expect((await listJobs(store.db)).find(({ uid }) => uid === job.uid)?.trouble).toBeNull()
  }, 300_000)
})
