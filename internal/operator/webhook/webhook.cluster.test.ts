import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { describeOnCluster } from '../../../tools/cluster/index.ts'
import { createJobTokens } from '../../auth/index.ts'
import { type Broker, createEmbeddedBroker } from '../../broker/index.ts'
import { defaultOptions } from '../../codec/index.ts'
import {
  createClient,
  createEventRecorder,
  defineResource,
  type Manifest,
  type Transport,
} from '../../kube/index.ts'
import {
  createBatch,
  createPGliteStore,
  leaseDeliveries,
  type PGliteStore,
  recordAttempt,
  sealBatch,
} from '../../store/index.ts'
import { createLogger } from '../../telemetry/index.ts'
import { installCrd } from '../crd/install.fixture.ts'
import { type Operator, startOperator } from '../operator.ts'
import { signIn } from '../rbac/sign-in.fixture.ts'
import { type CompressionJob, compressionJobs, secrets } from '../resources.ts'

/** A Secret that could not be used is looked at again every 15 s. */
const patience = { timeout: 90_000, interval: 50 }
const signing = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`

const events = defineResource(
  { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  {
    reason: z.string(),
    type: z.string(),
    message: z.string(),
    involvedObject: z.object({ name: z.string() }),
  },
)

describeOnCluster('the webhook of a job', ({ client, namespace, kubeconfig }) => {
  let store: PGliteStore
  let broker: Broker
  let operator: Operator
  let transport: Transport

  beforeAll(async () => {
    await installCrd(client)
    // As the operator is let in: with the generated role and nothing else.
    transport = await signIn(client, { namespace, kubeconfig })
    const own = createClient(transport, { fieldManager: 'kompressor-operator' })
    store = await createPGliteStore()
    broker = await createEmbeddedBroker({ db: store.client })
    operator = startOperator({
      client: own,
      store,
      broker,
      tokens: createJobTokens(['a secret that is long enough']),
      events: createEventRecorder({
        client: own,
        component: 'kompressor-operator',
        instance: 'test',
        onError: () => undefined,
        now: Date.now,
        random: Math.random,
      }),
      logger: createLogger({ level: 'silent', format: 'json', destination: process.stderr }),
      workers: { image: 'kompressor:1', env: {}, secretEnv: {}, bucket: { env: {}, secretEnv: {} } },
      now: () => new Date(),
      namespace,
      wakeMs: 200,
    })
    await operator.synced
  })
  afterAll(async () => {
    await operator.stop()
    transport.close()
    await broker.close()
    await store.close()
  })

  const manifest = (name: string, webhook?: object): Manifest => ({
    apiVersion: compressionJobs.apiVersion,
    kind: compressionJobs.kind,
    metadata: { namespace, name },
    spec: { source: { ingest: {} }, compression: { images: {} }, ...(webhook && { webhook }) },
  })
  const hook = (key: string, url = 'https://shop.example.com/hook') => ({
    url,
    secretRef: { name: 'hooks', key },
  })
  const condition = (job: CompressionJob | undefined, type: string) =>
    job?.status?.conditions?.find((one) => one.type === type)
  const notified = async (name: string) =>
    condition(await client.get(compressionJobs, { namespace, name }), 'Notified')

  async function notifiedBy(name: string, reason: string) {
    return vi.waitUntil(async () => {
      const found = await notified(name)
      return found?.reason === reason ? found : undefined
    }, patience)
  }
  async function row({ uid }: { uid: string }) {
    const { rows } = await store.client.query('select url, secret, gone from webhooks where job_uid = $1', [
      uid,
    ])
    return rows[0]
  }
  const makeSecret = (data: Record<string, string>) =>
    client.apply(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'hooks' },
      stringData: data,
    })

  /** A batch that ends as it is made, since nothing is in it. */
  async function endBatch(id: string, { uid }: { uid: string }): Promise<void> {
    const [tenantId, now] = ['default', new Date()]
    const expiresAt = new Date(now.getTime() + 3_600_000)
    const batch = { id, tenantId, jobUid: uid, options: defaultOptions, tags: {}, expiresAt, files: [] }
    await createBatch(store.db, batch)
    await sealBatch(store.db, { tenantId, batchId: id, now })
  }
  async function lease() {
    const now = new Date()
    return leaseDeliveries(store.db, { limit: 10, perHost: 10, inHand: new Map(), now, leasedUntil: now })
  }

  it('waits for its Secret without holding up the job, says what to make, and goes on when it is there', async () => {
    const { metadata } = await client.apply(compressionJobs, manifest('waits', hook('kompressor')))
    const missing = await notifiedBy('waits', 'SecretMissing')
    expect(missing).toMatchObject({ status: 'False' })
    expect(missing?.message).toContain('There is no Secret hooks. Make one: kubectl -n')
    expect(condition(await client.get(compressionJobs, metadata), 'Ready')).toMatchObject({ status: 'True' })
    expect(await row(metadata)).toEqual({ url: 'https://shop.example.com/hook', secret: null, gone: false })
    const told = await vi.waitUntil(async () => {
      const { items } = await client.list(events, { namespace })
      return items.find(
        ({ reason, involvedObject }) => reason === 'SecretMissing' && involvedObject.name === 'waits',
      )
    }, patience)
    expect(told?.type).toBe('Warning')
    await endBatch('early', metadata)
    expect(await lease()).toEqual([])

    await makeSecret({ other: signing(1) })
    expect((await notifiedBy('waits', 'SecretIncomplete'))?.message).toContain('has no key kompressor')
    await makeSecret({ other: signing(1), kompressor: `${signing(2)}\n` })
    expect(await notifiedBy('waits', 'Telling')).toMatchObject({ status: 'True' })
    expect(await row(metadata)).toMatchObject({ secret: signing(2) })
    expect(await lease()).toMatchObject([
      { batchId: 'early', secret: signing(2), job: { uid: metadata.uid, namespace, name: 'waits' } },
    ])
  }, 300_000)

  it('is another one when the spec or the secret is, and none when it is taken out', async () => {
    await makeSecret({ a: signing(1), b: signing(2), bad: 'whsec_c2hvcnQ=' })
    const { metadata } = await client.apply(compressionJobs, manifest('changes', hook('a')))
    await notifiedBy('changes', 'Telling')
    expect(await row(metadata)).toMatchObject({ secret: signing(1) })
    await client.apply(compressionJobs, manifest('changes', hook('b', 'https://b.example.com/')))
    await expect
      .poll(() => row(metadata), patience)
      .toMatchObject({ secret: signing(2), url: 'https://b.example.com/' })

    await client.apply(compressionJobs, manifest('changes', hook('bad')))
    const invalid = await notifiedBy('changes', 'SecretInvalid')
    expect(invalid?.message).toContain('must be whsec_ and 24 to 64 bytes in base64, and has 5 bytes')
    expect(invalid?.message).not.toContain('c2hvcnQ')
    // Nothing is signed by what was there before.
    expect(await row(metadata)).toMatchObject({ secret: null })

    await client.apply(compressionJobs, manifest('changes'))
    await vi.waitUntil(async () => (await notified('changes')) === undefined, patience)
    expect(await row(metadata)).toBeUndefined()
  }, 300_000)

  it('shows what its receiver answers, until it is told, and is gone when the receiver is', async () => {
    await makeSecret({ a: signing(1) })
    const { metadata } = await client.apply(compressionJobs, manifest('fails', hook('a')))
    await notifiedBy('fails', 'Telling')
    await endBatch('b', metadata)
    const delivery = (await lease()).find(({ batchId }) => batchId === 'b')
    if (delivery === undefined) throw new Error('nothing waits')
    const now = new Date()
    const error = 'the receiver answered 500'
    await recordAttempt(store.db, delivery, { kind: 'failed', error, nextAttemptAt: now }, now)
    // The operator looks again at what waits, but here by another change it sees at once.
    await client.merge(compressionJobs, metadata, { metadata: { labels: { look: 'again' } } })
    expect(await notifiedBy('fails', 'NotDelivered')).toMatchObject({
      status: 'False',
      message: 'The receiver answered 500. It is tried again, for about a day.',
    })
    await recordAttempt(store.db, delivery, { kind: 'gone', error: 'the receiver answered 410' }, now)
    // By itself, since something waits.
    expect((await notifiedBy('fails', 'ReceiverGone'))?.message).toContain('until spec.webhook.url')
    await client.apply(compressionJobs, manifest('fails', hook('a', 'https://new.example.com/')))
    await notifiedBy('fails', 'Telling')
    expect(await row(metadata)).toEqual({ url: 'https://new.example.com/', secret: signing(1), gone: false })
  }, 300_000)

  it('tells nobody of the end of a job that is deleted', async () => {
    await makeSecret({ a: signing(1) })
    const { metadata } = await client.apply(compressionJobs, manifest('deleted', hook('a')))
    await notifiedBy('deleted', 'Telling')
    await store.db.execute(sql`insert into batches (id, job_uid, options, expires_at)
      values ('open', ${metadata.uid}, '{}', now() + interval '1 day')`)
    await client.delete(compressionJobs, { namespace, name: 'deleted' })
    await vi.waitUntil(async () => (await client.get(compressionJobs, metadata)) === undefined, patience)
    const { rows } = await store.client.query(
      "select b.state, (select count(*)::int from webhook_deliveries d where d.batch_id = b.id) as told from batches b where id = 'open'",
    )
    expect(rows).toEqual([{ state: 'cancelled', told: 0 }])
    expect(await row(metadata)).toBeUndefined()
  }, 300_000)
})
