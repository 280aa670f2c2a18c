import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineResource } from '../../internal/kube/index.ts'
import { fixtures } from '../fixtures/index.ts'
import type { ApiBatch } from '../standalone/client.ts'
import { secret, startReceiver } from '../support/webhook-receiver.ts'
import { bucketExample } from './bucket-job.ts'
import { describeOnNode } from './describe-on-node.ts'
import { type Installation, install } from './installation.ts'
import { clientOf } from './uploads.ts'
import { type Pod, type WatchedPods, type WatchedReports, watchPods, watchReports } from './watching.ts'

const minute = 60_000
const inTime = { timeout: 5 * minute, interval: 100 }
const namespace = 'lane'
const count = 150
/** Of the bucket. */
const objects = 300

const leases = defineResource(
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true },
  { spec: z.object({ holderIdentity: z.string() }) },
)
const compressionJobs = defineResource(
  {
    apiVersion: 'kompressor.dev/v1alpha1',
    kind: 'CompressionJob',
    plural: 'compressionjobs',
    namespaced: true,
  },
  {
    status: z.looseObject({ replicas: z.object({ desired: z.number(), ready: z.number() }) }).optional(),
  },
)

/** A lane of workers of one slot each. */
const urgent = {
  apiVersion: compressionJobs.apiVersion,
  kind: compressionJobs.kind,
  metadata: { namespace, name: 'urgent' },
  spec: {
    source: { ingest: {} },
    compression: { images: {} },
    partitions: 6,
    scaling: { maxReplicas: 3, targetDrainSeconds: 10, scaleDownStabilizationSeconds: 30 },
    worker: {
      slots: 1,
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    },
  },
}

await describeOnNode('CompressionJobs on a real node', (say) => {
  let installation: Installation
  let api: ReturnType<typeof clientOf>
  let workers: WatchedPods
  let reporting: WatchedReports
  let photos: Buffer[]
  let small: Buffer[]

  beforeAll(async () => {
    installation = await install(say)
    const { client, kubectl, servers } = installation
    api = clientOf(installation.apiUrl)
    photos = await Promise.all(
      Array.from({ length: 10 }, (_, seed) => fixtures.photo({ width: 1600, height: 1200, seed })),
    )
    small = await Promise.all(
      Array.from({ length: 5 }, (_, seed) => fixtures.photo({ width: 640, height: 480, seed })),
    )
    await installation.createNamespace(namespace)
    await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted')
    workers = await watchPods(client, { namespace, labelSelector: 'app.kubernetes.io/component=worker' })
    reporting = await watchReports(servers.kafka.brokers)
    await installation.apply(urgent)
    await kubectl('wait', '-n', namespace, '--for=condition=Ready', '--timeout=600s', 'cjob/urgent')
  }, 25 * minute)
  afterAll(async () => {
    await workers?.stop()
    await reporting?.stop()
    await installation?.stop()
  }, 5 * minute)

  const reportsOf = (batch: string, kind: 'started' | 'completed') =>
    reporting.reports.filter((report) => report.batchId === batch && report.kind === kind)

  /** Waits until some of the work is done, and by several. */
  async function inTheMiddle(batch: string): Promise<void> {
    await vi.waitUntil(() => workers.ready().length >= 2, inTime)
    await vi.waitUntil(() => {
      const done = reportsOf(batch, 'completed')
      return done.length >= 10 && new Set(done.map(({ worker }) => worker)).size >= 2
    }, inTime)
    expect(reportsOf(batch, 'completed').length).toBeLessThan(count)
  }

  async function completed(batch: string): Promise<ApiBatch> {
    return await vi.waitUntil(async () => {
      const seen = await api.batch(batch)
      return seen.state === 'completed' ? seen : undefined
    }, inTime)
  }

  it('has no worker while there is nothing to do', () => {
    expect(workers.seen.size).toBe(0)
  })

  it(
    'has workers for what is sent, and drains those that are taken away without losing what they did',
    async () => {
      const batch = await api.send(`${namespace}/urgent`, photos, count)
      await inTheMiddle(batch)
      await installation.kubectl('scale', '-n', namespace, 'cjob/urgent', '--replicas=1')
      const before = workers.all().map(({ metadata }) => metadata.name)
      await vi.waitUntil(() => workers.all().length === 1, inTime)
      const [kept] = workers.all()
      const drained = before.filter((name) => name !== kept?.metadata.name)
      expect(drained.length).toBeGreaterThan(0)
      for (const name of drained) {
        const { spec, status } = workers.seen.get(name) ?? {}
        const { told = 0, gone = Number.POSITIVE_INFINITY } = workers.ended.get(name) ?? {}
        expect((gone - told) / 1000).toBeLessThan(spec?.terminationGracePeriodSeconds ?? 0)
        expect(status?.containerStatuses?.map(({ state }) => state.terminated?.exitCode)).toEqual([0])
      }
      expect(await completed(batch)).toMatchObject({ files: { total: count, completed: count } })
      // What moves to a worker that joins may be begun twice, with what was done and not committed yet. What goes does neither.
      const finished = new Map(
        reportsOf(batch, 'completed')
          .filter(({ worker, at }) => Date.parse(at) >= (workers.ended.get(worker)?.told ?? Infinity))
          .map((report) => [report.fileId, report]),
      )
      expect(finished.size).toBeGreaterThan(0)
      const again = reportsOf(batch, 'started').filter(({ fileId, worker, at }) => {
        const before = finished.get(fileId)
        return before !== undefined && worker !== before.worker && at > before.at
      })
      expect(again).toEqual([])
    },
    15 * minute,
  )

  it(
    'comes to the same when a worker and then the leading operator are killed in the middle',
    async () => {
      const remove = JSON.stringify([{ op: 'remove', path: '/spec/scaling/replicas' }])
      await installation.kubectl('patch', '-n', namespace, 'cjob/urgent', '--type=json', '-p', remove)
      const batch = await api.send(`${namespace}/urgent`, photos, count)
      await inTheMiddle(batch)
      const now = ['--force', '--grace-period=0']
      const [worker] = workers.ready()
      await installation.kubectl('delete', 'pod', '-n', namespace, ...now, worker?.metadata.name ?? '')
      const leader = await leading()
      await installation.kubectl('delete', 'pod', '-n', 'kompressor', ...now, leader)

      const { files, bytes } = await completed(batch)
      expect(files).toMatchObject({ total: count, completed: count })
      expect(bytes.saved).toBeGreaterThan(0)
      expect(await vi.waitUntil(async () => (await leading()) !== leader, inTime)).toBe(true)
      expect(await effects(batch)).toEqual({ ends: count, files: count, attempts: count })
    },
    15 * minute,
  )

  it('runs the example of a job over a bucket to its end, from no worker to none, and tells of it', async () => {
    const { kubectl, host } = installation
    const example = await bucketExample(installation, namespace)
    const receiver = await startReceiver(host)
    await kubectl('create', 'secret', 'generic', 'hooks', '-n', namespace, `--from-literal=key=${secret}`)
    const webhook = { url: receiver.url, secretRef: { name: 'hooks', key: 'key' } }
    const own = (pods: Iterable<Pod>) =>
      [...pods].filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === 'bucket')
    try {
      const keys = Array.from({ length: objects }, (_, i) => `${i % 10}/${i}.jpg`)
      for (const [i, key] of keys.entries()) {
        await example.put(key, small[i % small.length] ?? Buffer.alloc(0))
      }
      await example.put('notes.txt', Buffer.from('left out by the filters'))
      const { manifest } = example
      await installation.apply({ ...manifest, spec: { ...manifest.spec, webhook } })
      await kubectl('wait', '-n', namespace, '--for=condition=Complete', '--timeout=600s', 'cjob/bucket')
      const job = await installation.client.get(compressionJobs, { namespace, name: 'bucket' })
      expect(job?.status).toMatchObject({
        replicas: { desired: 0 },
        files: { found: objects, completed: objects, queued: 0, processing: 0, failed: 0 },
      })
      const outputs = [...(await example.outputs())]
      const written = outputs.filter(([key]) => !key.startsWith('.kompressor/'))
      const largest = Math.max(...small.map(({ length }) => length))
      expect(written.map(([key]) => key).toSorted()).toEqual(keys.toSorted())
      expect(written.filter(([, size]) => size === 0 || size >= largest)).toEqual([])
      expect(outputs.filter(([key]) => key.endsWith('/report.json'))).toHaveLength(1)
      expect(own(workers.seen.values()).length).toBeGreaterThan(0)
      await vi.waitUntil(() => own(workers.all()).length === 0, inTime)

      const [told] = await vi.waitUntil(() => receiver.received.length > 0 && receiver.received, inTime)
      expect(receiver.verified(told)).toMatchObject({
        type: 'batch.completed',
        data: {
          job: { namespace, name: 'bucket' },
          batch: { state: 'completed', files: { total: objects, completed: objects, failed: 0 } },
        },
      })
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    } finally {
      await receiver.stop()
      example.close()
    }
  }, 900_000)

  it(
    'has none again when nothing was open for a while',
    async () => {
      await vi.waitUntil(() => workers.all().length === 0, inTime)
      const status = await vi.waitUntil(async () => {
        const job = await installation.client.get(compressionJobs, { namespace, name: 'urgent' })
        return job?.status?.replicas.ready === 0 ? job.status : undefined
      }, inTime)
      expect(status).toMatchObject({
        replicas: { desired: 0, ready: 0 },
        files: { found: 2 * count, completed: 2 * count, failed: 0 },
      })
    },
    10 * minute,
  )

  /** The pod of the operator that holds the lease. */
  async function leading(): Promise<string> {
    const { client } = installation
    const lease = await client.get(leases, { namespace: 'kompressor', name: 'kompressor-operator' })
    return lease?.spec.holderIdentity.split('_')[0] ?? ''
  }

  /** How often files of a batch ended, how many of them there are, and their attempts. */
  async function effects(batch: string) {
    const database = new pg.Client({ connectionString: installation.servers.postgres.url })
    await database.connect()
    try {
      const { rows } = await database.query(
        `select count(*)::int as ends, count(distinct file_id)::int as files,
           (select sum(attempt)::int from files where batch_id = $1) as attempts
         from events where batch_id = $1 and type = 'file.completed'`,
        [batch],
      )
      return rows[0]
    } finally {
      await database.end()
    }
  }
})
