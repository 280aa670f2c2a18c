import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { z } from 'zod'
import { type ControlPlane, namespaces, startControlPlane } from '../../tools/cluster/index.ts'
import { createJobTokens } from '../auth/index.ts'
import { type Broker, createEmbeddedBroker } from '../broker/index.ts'
import { defaultOptions } from '../codec/index.ts'
import {
  type Client,
  createClient,
  createEventRecorder,
  createTransport,
  defineResource,
  loadKubeConfig,
  type Transport,
} from '../kube/index.ts'
import { createBatch, createPGliteStore, listJobs, type PGliteStore, queueFiles } from '../store/index.ts'
import { createLogger } from '../telemetry/index.ts'
import { installCrd } from './crd/install.fixture.ts'
import { namesOf } from './names.ts'
import { type Operator, startOperator } from './operator.ts'
import { signIn } from './rbac/sign-in.fixture.ts'
import { type CompressionJob, compressionJobs, deployments } from './resources.ts'

const provided = inject('cluster')
/** Its API server is killed here: it must be ours alone. */
const possible = 'ours' in provided && provided.ours
const namespace = 'outage'
const patience = { timeout: 120_000, interval: 100 }

const events = defineResource(
  { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  {
    reason: z.string(),
    type: z.string(),
    count: z.number().optional(),
    involvedObject: z.object({ name: z.string() }),
  },
)

describe.skipIf(!possible)(
  'the operator, when the API server goes away in the middle of the life of jobs',
  () => {
    let plane: ControlPlane
    let direct: Transport
    let client: Client
    let transport: Transport
    let store: PGliteStore
    let broker: Broker
    let operator: Operator
    /** Reconciles that failed. */
    let failures = 0

    beforeAll(async () => {
      // The collector takes minutes to find back to an API server: nothing here may wait for it.
      const without = ['garbage-collector-controller'] as const
      plane = await startControlPlane({ env: process.env, say: () => undefined, without })
      const { kubeconfig } = plane
      direct = createTransport(loadKubeConfig({ kubeconfig }), { userAgent: 'kompressor-tests' })
      client = createClient(direct, { fieldManager: 'kompressor-tests' })
      await installCrd(client)
      await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
      transport = await signIn(client, { namespace, kubeconfig })
      const own = createClient(transport, { fieldManager: 'kompressor-operator' })
      store = await createPGliteStore()
      broker = await createEmbeddedBroker({ db: store.client })
      const quiet = () => undefined
      const named = { component: 'kompressor-operator', instance: 'test' }
      operator = startOperator({
        client: own,
        store,
        broker,
        tokens: createJobTokens(['a secret that is long enough']),
        events: createEventRecorder({
          ...named,
          client: own,
          onError: quiet,
          now: Date.now,
          random: Math.random,
        }),
        logger: createLogger({ level: 'silent', format: 'json', destination: process.stderr }),
        workers: { image: 'kompressor:1', env: {}, secretEnv: {}, bucket: { env: {}, secretEnv: {} } },
        now: () => new Date(),
        observe: (outcome) => {
          if (outcome === 'error') failures += 1
        },
        wakeMs: 200,
      })
      await operator.synced
    }, 300_000)
    afterAll(async () => {
      await operator?.stop()
      transport?.close()
      direct?.close()
      await broker?.close()
      await store?.close()
      await plane?.stop()
    }, 60_000)

    const apply = (name: string, spec: object = {}) =>
      client.apply(compressionJobs, {
        apiVersion: compressionJobs.apiVersion,
        kind: compressionJobs.kind,
        metadata: { namespace, name },
        spec: { source: { ingest: {} }, compression: { images: {} }, ...spec },
      })
    const worker = (name: string) => client.get(deployments, { namespace, name: `${name}-worker` })
    const row = async ({ metadata: { uid } }: CompressionJob) =>
      (await listJobs(store.db)).find((job) => job.uid === uid)

    async function ready(name: string): Promise<CompressionJob> {
      return await vi.waitUntil(async () => {
        const job = await client.get(compressionJobs, { namespace, name })
        const is = job?.status?.conditions?.find(({ type }) => type === 'Ready')
        return is?.status === 'True' ? job : undefined
      }, patience)
    }

    async function queue({ metadata: { uid } }: CompressionJob): Promise<void> {
      const batchId = `batch-${uid}`
      const files = Array.from({ length: 4 }, (_, i) => ({
        id: `${uid}-${i}`,
        name: `${i}.jpg`,
        size: 1,
        tags: {},
        uploadKey: `in/${i}`,
      }))
      const expiresAt = new Date(Date.now() + 3_600_000)
      const batch = {
        id: batchId,
        jobUid: uid,
        tenantId: 'default',
        options: defaultOptions,
        tags: {},
        expiresAt,
      }
      await createBatch(store.db, { ...batch, files })
      const queued = files.map(({ id }) => ({ id, cost: 30_000 }))
      await queueFiles(store.db, { tenantId: 'default', batchId, files: queued, now: new Date() })
    }

    it('misses nothing that happens meanwhile, and does nothing twice', async () => {
      const names = ['still', 'busy', 'edited', 'deleted']
      for (const name of names) await apply(name)
      const jobs = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await ready(name)] as const)),
      )
      const { still, busy, edited, deleted } = jobs
      if (!still || !busy || !edited || !deleted) throw new Error('all of them were ready')
      // Kubernetes knows of what it is to run: its own controllers, cut off while they start, can take minutes.
      for (const name of names) {
        await vi.waitUntil(async () => {
          const { metadata, status } = (await worker(name)) ?? {}
          return metadata !== undefined && status?.observedGeneration === metadata.generation
        }, patience)
      }
      const before = await worker('still')

      // One is cut off in the middle of being brought in place.
      await apply('half')
      await plane.stopApiServer()
      await queue(busy)
      await vi.waitUntil(() => failures > 0, patience)
      await plane.startApiServer()

      await vi.waitUntil(() => apply('edited', { partitions: 30 }).catch(() => undefined), patience)
      await client.delete(compressionJobs, { namespace, name: 'deleted' })
      await vi.waitUntil(async () => ((await worker('busy'))?.spec.replicas ?? 0) > 0, patience)
      await vi.waitUntil(async () => (await row(edited))?.partitions === 30, patience)
      const gone = () => client.get(compressionJobs, { namespace, name: 'deleted' })
      await vi.waitUntil(async () => (await gone()) === undefined, patience)
      await ready('half')

      expect(await row(deleted)).toBeUndefined()
      expect(await worker('deleted')).toBeUndefined()
      const { topic } = namesOf({ namespace, name: 'edited', uid: edited.metadata.uid })
      expect(await broker.lag('anybody', topic)).toHaveLength(30)
      const after = await worker('still')
      expect(after?.metadata).toMatchObject({
        uid: before?.metadata.uid,
        generation: before?.metadata.generation,
      })
      const { items: workers } = await client.list(deployments, { namespace })
      expect(workers.map(({ metadata: { name } }) => name).sort()).toEqual(
        ['busy', 'edited', 'half', 'still'].map((name) => `${name}-worker`),
      )
      expect((await listJobs(store.db)).filter((job) => job.namespace === namespace)).toHaveLength(4)
      // Which of them was told what, and how often. One that was tried while the server was starting and forbade everything
      // says so, and then that it is in place again.
      const stories = await vi.waitUntil(async () => {
        const { items } = await client.list(events, { namespace })
        const told = names.map((name) =>
          items
            .filter(({ involvedObject, reason, type }) => {
              return involvedObject.name === name && (reason === 'InPlace' || type === 'Warning')
            })
            .map(({ reason, count = 1 }) => `${reason} x${count}`),
        )
        return told.every((story) => story.some((one) => one.startsWith('InPlace'))) ? told : undefined
      }, patience)
      const undisturbed = stories.filter((story) => story.every((one) => one.startsWith('InPlace')))
      expect(undisturbed).not.toEqual([])
      expect(undisturbed).toEqual(undisturbed.map(() => ['InPlace x1']))
    }, 600_000)
  },
)
