import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { describeOnCluster, namespaces } from '../../tools/cluster/index.ts'
import { createJobTokens } from '../auth/index.ts'
import { type Broker, createEmbeddedBroker, createKafkaBroker } from '../broker/index.ts'
import { defaultOptions } from '../codec/index.ts'
import { workerNodeOptions } from '../config/index.ts'
import {
  type Client,
  createClient,
  createEventRecorder,
  defineResource,
  type Manifest,
  type Transport,
} from '../kube/index.ts'
import {
  createBatch,
  createPGliteStore,
  listJobs,
  type PGliteStore,
  queueFiles,
  requireJobView,
} from '../store/index.ts'
import { createLogger } from '../telemetry/index.ts'
import { installCrd } from './crd/install.fixture.ts'
import { forceDelete, namesOf } from './names.ts'
import { type Operator, startOperator } from './operator.ts'
import { signIn } from './rbac/sign-in.fixture.ts'
import { type CompressionJob, compressionJobs, deployments, disruptionBudgets } from './resources.ts'

const patience = { timeout: 30_000, interval: 50 }
const tokens = createJobTokens(['a secret that is long enough'])

const secrets = defineResource(
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  { data: z.record(z.string(), z.string()) },
)
/** What the operator wrote last, and when: the cluster's own controllers go on writing a deployment's status. */
const managed = z.object({
  metadata: z.object({ managedFields: z.array(z.looseObject({ manager: z.string() })) }),
})
const ownWrites = {
  ...deployments,
  parse: (value: unknown) => {
    const fields = managed.parse(value).metadata.managedFields
    return {
      ...deployments.parse(value),
      own: fields.filter(({ manager }) => manager === 'kompressor-operator'),
    }
  },
}
const pods = defineResource(
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  { spec: z.object({ containers: z.array(z.object({ image: z.string() })) }) },
)
const events = defineResource(
  { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  { reason: z.string(), message: z.string(), involvedObject: z.object({ name: z.string() }) },
)
/** As whole as the server has it. */
const rawDeployments = defineResource(deployments, {
  spec: z.looseObject({ replicas: z.number().optional() }),
})

describeOnCluster('the operator', ({ client, namespace, kubeconfig }) => {
  let store: PGliteStore
  let broker: Broker
  let operator: Operator

  let transport: Transport
  /** As the operator is let in: with the generated role and nothing else. */
  let own: Client

  const begin = (given: { broker?: Broker } = {}) =>
    startOperator({
      client: own,
      store,
      broker: given.broker ?? broker,
      tokens,
      events: createEventRecorder({
        client: own,
        component: 'kompressor-operator',
        instance: 'test',
        onError: () => undefined,
        now: () => Date.now(),
        random: Math.random,
      }),
      logger: createLogger({ level: 'silent', format: 'json', destination: process.stderr }),
      workers: {
        image: 'kompressor:1',
        env: { KOMPRESSOR_KAFKA_BROKERS: 'kafka:9092' },
        secretEnv: { KOMPRESSOR_KAFKA_PASSWORD: 'hush' },
        bucket: { env: { KOMPRESSOR_S3_BUCKET: 'files' }, secretEnv: {} },
      },
      now: () => new Date(),
      namespace,
      wakeMs: 200,
    })

  beforeAll(async () => {
    await installCrd(client)
    // Pods that are less than restricted would not be admitted at all.
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    await client.merge(namespaces, { name: namespace }, { metadata: { labels } })
    transport = await signIn(client, { namespace, kubeconfig })
    own = createClient(transport, { fieldManager: 'kompressor-operator' })
    store = await createPGliteStore()
    broker = await createEmbeddedBroker({ db: store.client })
    operator = begin()
    await operator.synced
  })
  afterAll(async () => {
    await operator.stop()
    transport.close()
    await broker.close()
    await store.close()
  })

  const manifest = (name: string, spec: object = {}): Manifest => ({
    apiVersion: compressionJobs.apiVersion,
    kind: compressionJobs.kind,
    metadata: { namespace, name },
    spec: { source: { ingest: {} }, compression: { images: {} }, ...spec },
  })
  const look = (name: string) => client.get(compressionJobs, { namespace, name })
  const worker = (name: string) => client.get(rawDeployments, { namespace, name: `${name}-worker` })
  const condition = (job: CompressionJob | undefined, type: string) =>
    job?.status?.conditions?.find((one) => one.type === type)

  async function ready(name: string): Promise<CompressionJob> {
    return await vi.waitUntil(async () => {
      const job = await look(name)
      return condition(job, 'Ready')?.status === 'True' ? job : undefined
    }, patience)
  }

  const published = (name: string) => requireJobView(store.db, { tenantId: 'default', namespace, name })

  async function queue({ uid }: { uid: string }, count: number, cost: number): Promise<string> {
    const id = `batch-${uid}`
    const files = Array.from({ length: count }, (_, i) => ({
      id: `${uid}-${i}`,
      name: `${i}.jpg`,
      size: 1,
      tags: {},
      uploadKey: `in/${uid}/${i}`,
    }))
    const expiresAt = new Date(Date.now() + 3_600_000)
    const batch = {
      id,
      tenantId: 'default',
      jobUid: uid,
      options: defaultOptions,
      tags: {},
      expiresAt,
      files,
    }
    await createBatch(store.db, batch)
    const queued = files.map((file) => ({ id: file.id, cost }))
    await queueFiles(store.db, { tenantId: 'default', batchId: id, files: queued, now: new Date() })
    return id
  }

  it('brings a job in place: row, topic, credentials, budget and workers that are none yet', async () => {
    await client.apply(compressionJobs, manifest('placed', { partitions: 6, retry: { maxAttempts: 7 } }))
    const { metadata, status } = await ready('placed')
    const { uid } = metadata
    const names = namesOf({ namespace, name: 'placed', uid })

    expect((await listJobs(store.db)).find((row) => row.uid === uid)).toMatchObject({
      namespace,
      name: 'placed',
      topic: names.topic,
      consumerGroup: names.group,
      partitions: 6,
      maxAttempts: 7,
      state: 'active',
    })
    expect(await broker.lag(names.group, names.topic)).toHaveLength(6)

    const ref = { namespace, name: names.worker }
    const decoded = Object.entries((await client.get(secrets, ref))?.data ?? {}).map(
      ([key, value]) => [key, Buffer.from(value, 'base64').toString()] as const,
    )
    const { KOMPRESSOR_JOB_TOKEN: token = '', ...rest } = Object.fromEntries(decoded)
    expect(tokens.verify(token)).toBe(uid)
    expect(rest).toEqual({ KOMPRESSOR_KAFKA_PASSWORD: 'hush' })
    expect(await client.get(disruptionBudgets, ref)).toBeDefined()

    const deployment = await worker('placed')
    expect(deployment?.spec.replicas).toBe(0)
    expect(deployment?.metadata.ownerReferences).toMatchObject([{ kind: 'CompressionJob', uid }])
    expect(JSON.stringify(deployment?.spec)).not.toContain('hush')
    expect(JSON.stringify(deployment?.spec)).toContain(`"NODE_OPTIONS","value":"${workerNodeOptions}"`)
    expect(status).toMatchObject({
      observedGeneration: metadata.generation,
      files: { found: 0 },
      replicas: { desired: 0, ready: 0 },
    })
  })

  it('has workers as soon as there is work, says why, and has none while suspended', async () => {
    const { metadata } = await client.apply(compressionJobs, manifest('busy'))
    await ready('busy')
    // 400 s of work and 46 s to do it in, 3.3 s more a second at 80 % use: 12.9 slots, 2 in a pod.
    await queue(metadata, 100, 4000)
    await vi.waitUntil(async () => (await worker('busy'))?.spec.replicas === 7, patience)
    const job = await vi.waitUntil(async () => {
      const seen = await look('busy')
      return seen?.status?.lastDecision?.replicas === 7 ? seen : undefined
    }, patience)
    expect(job.status?.lastDecision?.reason).toMatch(
      /^Up from 0 to 7 pods: 400 s of work are waiting and 3.33 s more arrive each second, which takes 12.4 slots/,
    )
    expect(job.status?.files).toMatchObject({ found: 100, queued: 100 })
    expect(condition(job, 'Progressing')).toMatchObject({ status: 'True', reason: 'WaitingForWorkers' })
    // Written down for whoever asks the API, with the partitions and every term.
    const seen = await vi.waitUntil(async () => {
      const { job: row, decisions } = await published('busy')
      return decisions.some(({ reason }) => reason === 'ScaleUp') ? { row, decisions } : undefined
    }, patience)
    expect(seen.row.view).toMatchObject({
      source: 'ingest',
      suspended: false,
      files: { found: 100, queued: 100 },
      replicas: { least: 0, most: 10 },
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]),
    })
    expect(seen.row.view.lag?.partitions).toHaveLength(24)
    expect(seen.decisions.find(({ reason }) => reason === 'ScaleUp')).toMatchObject({
      replicas: 7,
      ready: 0,
      terms: { current: 0, openTasks: 100, replicas: 7 },
    })
    // Admitted under the restricted profile.
    const selector = `kompressor.dev/job-uid=${metadata.uid}`
    await vi.waitUntil(
      async () => (await client.list(pods, { namespace, labelSelector: selector })).items.length === 7,
      patience,
    )
    const told = await vi.waitUntil(async () => {
      const { items } = await client.list(events, { namespace })
      const reasons = items
        .filter(({ involvedObject }) => involvedObject.name === 'busy')
        .map(({ reason }) => reason)
      return reasons.includes('ScaleUp') ? reasons : undefined
    }, patience)
    expect(told).toContain('InPlace')
    expect(told).not.toContain('PartitionsSuffice')

    await client.apply(compressionJobs, manifest('busy', { suspend: true }))
    await vi.waitUntil(async () => (await worker('busy'))?.spec.replicas === 0, patience)
    await client.apply(compressionJobs, manifest('busy', { suspend: false }))
    await vi.waitUntil(async () => (await worker('busy'))?.spec.replicas === 7, patience)
  })

  it('decides and changes nothing in DryRun, and obeys a number somebody fixed', async () => {
    const dry = await client.apply(compressionJobs, manifest('dry', { scaling: { mode: 'DryRun' } }))
    await ready('dry')
    await queue(dry.metadata, 100, 4000)
    await vi.waitUntil(async () => (await look('dry'))?.status?.lastDecision?.replicas === 7, patience)
    expect((await worker('dry'))?.spec.replicas).toBe(0)
    await client.scale(compressionJobs, { namespace, name: 'dry' }, 3)
    await client.merge(compressionJobs, { namespace, name: 'dry' }, { spec: { scaling: { mode: 'Active' } } })
    await vi.waitUntil(async () => (await worker('dry'))?.spec.replicas === 3, patience)
    const job = await vi.waitUntil(async () => {
      const seen = await look('dry')
      return condition(seen, 'ScalingActive')?.reason === 'Fixed' ? seen : undefined
    }, patience)
    expect(condition(job, 'ScalingActive')?.message).toBe('3 pods because spec.scaling.replicas says so.')
  })

  it('adds no workers while a store refuses those there are, and says so', async () => {
    const { metadata } = await client.apply(
      compressionJobs,
      manifest('refused', { scaling: { minReplicas: 1 } }),
    )
    await ready('refused')
    await vi.waitUntil(async () => (await worker('refused'))?.spec.replicas === 1, patience)
    // As the projector writes it down.
    const refuse = (code?: string) =>
      store.client.query('update jobs set held = $1 where uid = $2', [
        code === undefined ? null : { code, message: 'bucket files says no', at: new Date().toISOString() },
        metadata.uid,
      ])
    const said = (type: string, reason: string) =>
      vi.waitUntil(async () => {
        const found = condition(await look('refused'), type)
        return found?.reason === reason ? found : undefined
      }, patience)

    await refuse('storage_throttled')
    await queue(metadata, 100, 4000)
    expect(await said('Throttled', 'StorageThrottled')).toMatchObject({
      status: 'True',
      message: expect.stringMatching(/^bucket files says no\. No workers are added/),
    })
    expect(await said('ScalingActive', 'Throttled')).toMatchObject({ status: 'True' })
    await refuse('storage_full')
    expect(await said('Degraded', 'StorageFull')).toMatchObject({ status: 'True' })
    await said('Throttled', 'NotThrottled')
    expect((await worker('refused'))?.spec.replicas).toBe(1)
    await refuse()
    await vi.waitUntil(async () => (await worker('refused'))?.spec.replicas === 7, patience)
    expect(await said('Degraded', 'AllAnswer')).toMatchObject({ status: 'False' })
  })

  it('is not idle while files wait to be tried again', async () => {
    const { metadata } = await client.apply(
      compressionJobs,
      manifest('later', { scaling: { minReplicas: 1 } }),
    )
    await ready('later')
    const progress = async () => condition(await look('later'), 'Progressing')
    expect(await progress()).toMatchObject({ status: 'False', reason: 'Idle' })
    await queue(metadata, 1, 4000)
    await store.client.query(`update tasks set publish_at = now() + interval '1 hour' where job_uid = $1`, [
      metadata.uid,
    ])
    await expect.poll(progress, patience).toMatchObject({ status: 'True', reason: 'BackingOff' })
  })

  it('puts back what somebody changed, and rolls what the owner changed', async () => {
    await client.apply(compressionJobs, manifest('changed'))
    await ready('changed')
    const image = async () => JSON.stringify((await worker('changed'))?.spec)
    const template = { spec: { containers: [{ name: 'worker', image: 'evil:1' }] } }
    const deployment = await worker('changed')
    await client.apply(deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name: 'changed-worker' },
      spec: { template },
    })
    await vi.waitUntil(async () => (await image()).includes('"kompressor:1"'), patience)
    expect((await worker('changed'))?.metadata.generation).toBeGreaterThan(
      deployment?.metadata.generation ?? 0,
    )
    await client.apply(compressionJobs, manifest('changed', { worker: { slots: 7 } }))
    await vi.waitUntil(
      async () => (await image()).includes('{"name":"KOMPRESSOR_SLOTS","value":"7"}'),
      patience,
    )
  })

  it('writes nothing when nothing changes, also after a restart', async () => {
    await client.apply(compressionJobs, manifest('still'))
    await ready('still')
    const writes = async () => [
      (await look('still'))?.metadata.resourceVersion,
      (await client.get(ownWrites, { namespace, name: 'still-worker' }))?.own,
    ]
    await operator.stop()
    const before = await writes()
    expect(before[1]).not.toEqual([])
    operator = begin()
    await operator.synced
    // Another job is in place: this one was looked at before it or together with it.
    await client.apply(compressionJobs, manifest('after'))
    await ready('after')
    expect(await writes()).toEqual(before)
  })

  it('takes everything away with the job, cancels what is open, and lets the name be used again', async () => {
    const { metadata } = await client.apply(compressionJobs, manifest('gone'))
    await ready('gone')
    const batchId = await queue(metadata, 5, 4000)
    await vi.waitUntil(async () => ((await worker('gone'))?.spec.replicas ?? 0) > 0, patience)
    await client.delete(compressionJobs, { namespace, name: 'gone' })
    await vi.waitUntil(async () => (await look('gone')) === undefined, patience)
    expect(await worker('gone')).toBeUndefined()
    const { topic, group } = namesOf({ namespace, name: 'gone', uid: metadata.uid })
    await expect(broker.lag(group, topic)).rejects.toThrow()
    expect((await listJobs(store.db)).some(({ uid }) => uid === metadata.uid)).toBe(false)
    await expect.poll(() => published('gone').catch(({ code }) => code), patience).toBe('job_not_found')
    const [batch] = (
      await store.client.query<{ state: string }>('select state from batches where id = $1', [batchId])
    ).rows
    expect(batch?.state).toBe('cancelled')
    const again = await client.apply(compressionJobs, manifest('gone'))
    expect(again.metadata.uid).not.toBe(metadata.uid)
    await ready('gone')
  })

  it('says what it cannot do for a job over a bucket, and deletes it all the same', async () => {
    const s3 = { bucket: 'small', keyTemplate: '{file}' }
    const spec = { source: { s3: { bucket: 'photos' } }, output: { s3 } }
    await client.apply(compressionJobs, manifest('bucket', spec))
    const job = await vi.waitUntil(async () => {
      const seen = await look('bucket')
      return condition(seen, 'Ready') === undefined ? undefined : seen
    }, patience)
    expect(condition(job, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'InvalidConfiguration',
      message: expect.stringContaining('would both become'),
    })
    expect(await worker('bucket')).toBeUndefined()
    await expect
      .poll(async () => (await published('bucket').catch(() => undefined))?.job.view.conditions, patience)
      .toMatchObject([{ type: 'Ready', status: 'False', reason: 'InvalidConfiguration' }])
    await client.delete(compressionJobs, { namespace, name: 'bucket' })
    await vi.waitUntil(async () => (await look('bucket')) === undefined, patience)
  })

  it('says what to do when Kafka cannot be reached, and deletes without it when told to', async () => {
    await operator.stop()
    const away = createKafkaBroker({ brokers: ['127.0.0.1:1'], clientId: 'test' })
    operator = begin({ broker: away })
    try {
      await client.apply(compressionJobs, manifest('away'))
      const job = await vi.waitUntil(
        async () => {
          const seen = await look('away')
          return condition(seen, 'Degraded')?.status === 'True' ? seen : undefined
        },
        { timeout: 60_000, interval: 100 },
      )
      expect(condition(job, 'Ready')).toMatchObject({ status: 'False', reason: 'BrokerUnavailable' })
      expect(condition(job, 'Degraded')?.message).toMatch(/^Kafka cannot be used: /)
      await client.merge(
        compressionJobs,
        { namespace, name: 'away' },
        { metadata: { annotations: { [forceDelete]: '' } } },
      )
      await client.delete(compressionJobs, { namespace, name: 'away' })
      await vi.waitUntil(async () => (await look('away')) === undefined, { timeout: 60_000, interval: 100 })
    } finally {
      await operator.stop()
      await away.close()
      operator = begin()
    }
  }, 180_000)
})
