import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { defaultOptions } from '../../internal/codec/index.ts'
import { defineResource, loadKubeConfig, type Manifest } from '../../internal/kube/index.ts'
import { type LedgerLine, ledgerPrefix, partKey, writePart } from '../../internal/ledger/index.ts'
import { createS3ObjectStore } from '../../internal/objects/index.ts'
import { compressionJobCrd } from '../../internal/operator/index.ts'
import {
  changeFiles,
  createBatch,
  createPGliteStore,
  publishJob,
  queueFiles,
  upsertClusterJob,
} from '../../internal/store/index.ts'
import { describeOnCluster } from '../../tools/cluster/index.ts'
import { startServices, UnavailableError } from '../../tools/services/index.ts'
import { firstJob } from '../../web/src/pages/jobs/manifest.ts'
import { startService } from '../support/service.ts'
import { kompressor } from './command.ts'

const jobs = defineResource(
  {
    apiVersion: 'kompressor.dev/v1alpha1',
    kind: 'CompressionJob',
    plural: 'compressionjobs',
    namespaced: true,
  },
  { spec: z.looseObject({ suspend: z.boolean().optional(), scaling: z.looseObject({}).optional() }) },
)
const crds = defineResource(
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  {},
)

const services =
  'unavailable' in inject('cluster')
    ? undefined
    : await startServices({ s3: true }).catch((error: unknown) => {
        if (!(error instanceof UnavailableError) || process.env.CI) throw error
        process.stderr.write(`cluster: SKIPPING kompressor job report: ${error.message}\n`)
        return undefined
      })

describeOnCluster('kompressor job', ({ client, namespace, kubeconfig }) => {
  let folder: string
  const resource = (name: string, spec: object = {}): Manifest => ({
    apiVersion: jobs.apiVersion,
    kind: jobs.kind,
    metadata: { namespace, name },
    spec: { source: { ingest: {} }, compression: { images: {} }, ...spec },
  })
  /** What the operator would say. */
  const say = (name: string, status: object) =>
    client.applyStatus(jobs, {
      apiVersion: jobs.apiVersion,
      kind: jobs.kind,
      metadata: { namespace, name },
      status,
    })
  const specOf = async (name: string) => (await client.get(jobs, { namespace, name }))?.spec
  const run = (...words: string[]) =>
    kompressor(['job', ...words, '--kubeconfig', kubeconfig, '-n', namespace], { cwd: folder })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kompressor-job-'))
    await client.apply(crds, compressionJobCrd())
    await vi.waitUntil(
      () => client.apply(jobs, resource('uploads', { scaling: { maxReplicas: 10 } })).catch(() => undefined),
      {
        timeout: 30_000,
        interval: 50,
      },
    )
    await say('uploads', {
      conditions: [
        condition('Ready', 'True', 'InPlace', 'Topic, credentials and workers are in place.'),
        condition('Degraded', 'True', 'LagUnknown', 'Kafka does not say how much is waiting.'),
      ],
      files: { found: 1200, queued: 90, processing: 10, completed: 1080, failed: 20 },
      bytes: { in: 2_000_000_000, out: 700_000_000, saved: 1_300_000_000 },
      lag: { records: 100, workSeconds: 250 },
      replicas: { desired: 4, ready: 3 },
      lastDecision: {
        at: new Date().toISOString(),
        replicas: 4,
        reason: 'Up from 2 to 4 pods: 250 s of work are waiting.',
        terms: { work: 250, need: 7.8125 },
      },
    })
    const bucket = { bucket: 'shop-web', prefix: 'photos/' }
    await client.apply(
      jobs,
      resource('photos', { source: { s3: { bucket: 'shop', prefix: 'photos/' } }, output: { s3: bucket } }),
    )
  })
  afterAll(async () => {
    await services?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('lists the jobs of a namespace with what they came to', async () => {
    const { stdout, code } = await run('ls')
    const [titles, ...lines] = stdout.trim().split('\n')
    expect(titles?.split(/ {2,}/)).toEqual([
      'NAME',
      'STATE',
      'FOUND',
      'DONE',
      'FAILED',
      'SAVED',
      'LAG',
      'WORKERS',
      'AGE',
    ])
    expect(lines.map((line) => line.split(/ {2,}/).slice(0, 8))).toEqual([
      ['photos', 'New', '-', '-', '-', '-', '-', '-'],
      ['uploads', 'Degraded', '1,200', '1,080', '20', '1.3 GB 65.0%', '100', '3/4'],
    ])
    expect(code).toBe(0)
    const everywhere = await kompressor(['job', 'ls', '-A', '--kubeconfig', kubeconfig], { cwd: folder })
    expect(everywhere.stdout).toMatch(new RegExp(`^NAMESPACE[^]*${namespace} +uploads `))
    const items = z.array(z.object({ metadata: z.object({ name: z.string() }) }))
    expect(
      items.parse(JSON.parse((await run('ls', '--json')).stdout)).map(({ metadata }) => metadata.name),
    ).toEqual(['photos', 'uploads'])
  })

  test('describes a job: files, savings, workers, the decision with its terms, and what is wrong', async () => {
    const { stdout } = await run('describe', 'uploads')
    expect(stdout).toContain(`${namespace}/uploads  Degraded`)
    expect(stdout).toContain('1,200 found, 1,080 done, 100 open, 20 failed')
    expect(stdout).toContain('2.0 GB → 700 MB, 65.0% saved')
    expect(stdout).toContain('3 ready of 4, at most 10')
    expect(stdout).toContain('100 records wait, about 4 min 10 s of one slot')
    expect(stdout).toMatch(
      /Up from 2 to 4 pods: 250 s of work are waiting\.\n.* ago, from need 7\.813, work 250/,
    )
    expect(stdout).toMatch(/! +Degraded +True +LagUnknown +Kafka does not say/)
    expect((await run('describe', 'photos')).stdout).toContain('s3://shop/photos/ → s3://shop-web/photos/')
  })

  test('the manifest that the pages show to begin with is one the API server takes', async () => {
    const { metadata, ...rest } = parse(firstJob)
    const made = await client.apply(jobs, { ...rest, metadata: { ...metadata, namespace, name: 'first' } })
    expect(made.spec).toMatchObject({ source: { s3: { bucket: 'my-photos' } } })
    await client.delete(jobs, { namespace, name: 'first' })
  })

  test('suspends and resumes, and says so when there is nothing to do', async () => {
    expect((await run('suspend', 'photos')).stdout).toMatch(/^photos is suspended/)
    expect(await specOf('photos')).toMatchObject({ suspend: true })
    expect((await run('suspend', 'photos')).stdout).toBe('photos is suspended already.\n')
    expect((await run('resume', 'photos')).stdout).toBe('photos goes on.\n')
    expect(await specOf('photos')).toMatchObject({ suspend: false })
  })

  test('freezes the number of workers there are, and gives it back to the work', async () => {
    expect((await run('freeze', 'uploads')).stdout).toMatch(/^uploads stays at 4 workers\./)
    expect(await specOf('uploads')).toMatchObject({ scaling: { replicas: 4 } })
    expect((await run('describe', 'uploads')).stdout).toContain('frozen at 4')
    expect((await run('freeze', 'uploads', '--off')).stdout).toContain('as many as the work needs again')
    expect((await specOf('uploads'))?.scaling).not.toHaveProperty('replicas')
    const unknown = await run('freeze', 'photos')
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('the operator has not said yet'),
    ])
  })

  test('cancels: the resource goes, and with it what the operator does about that', async () => {
    await client.apply(jobs, resource('short'))
    expect((await run('cancel', 'short')).stdout).toBe('short is cancelled and gone.\n')
    expect(await client.get(jobs, { namespace, name: 'short' })).toBeUndefined()
  })

  test('says where logs would come from when there are none', async () => {
    const { code, stderr } = await run('logs', 'uploads')
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('uploads has no pods now; kompressor job describe'),
    ])
  })

  test('names the job that was meant, or those there are', async () => {
    const near = await run('suspend', 'uplaods')
    expect([near.code, near.stderr]).toEqual([
      1,
      `kompressor: no CompressionJob uplaods in namespace ${namespace}; did you mean uploads?\n`,
    ])
    expect((await run('describe', 'zzz')).stderr).toContain('; there are photos, uploads')
    const elsewhere = await kompressor(
      ['job', 'describe', 'x', '--kubeconfig', kubeconfig, '-n', 'default'],
      { cwd: folder },
    )
    expect(elsewhere.stderr).toContain('there is none in it; --namespace names another')
  })

  test('says what to do without a kubeconfig, with a wrong one, without a cluster, and without permission', async () => {
    const at = (config: string) => kompressor(['job', 'ls', '--kubeconfig', config], { cwd: folder })
    const none = await kompressor(['job', 'ls'], { cwd: folder })
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no cluster is configured')])
    const missing = await at('nowhere')
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('the kubeconfig cannot be used'),
    ])
    await writeFile(join(folder, 'away'), kubeconfigOf('https://127.0.0.1:1', {}))
    const away = await at('away')
    expect([away.code, away.stderr]).toEqual([
      1,
      expect.stringContaining('https://127.0.0.1:1 does not answer (ECONNREFUSED)'),
    ])
    const { server = '' } = loadKubeConfig({ kubeconfig }).getCurrentCluster() ?? {}
    await writeFile(join(folder, 'nobody'), kubeconfigOf(server, { token: 'made up' }))
    const denied = await at('nobody')
    expect([denied.code, denied.stderr]).toEqual([
      1,
      expect.stringMatching(/does not know who you are|you may not/),
    ])
  })

  test('queues failed files again through the API', async () => {
    const dataDir = join(folder, 'data')
    await failedUpload(join(dataDir, 'database'), namespace)
    const service = await startService({ dataDir })
    try {
      const retry = (...more: string[]) => run('retry', 'uploads', '--url', service.url, ...more)
      expect((await retry('--code', 'poison')).stdout).toBe('Nothing of uploads has failed.\n')
      expect((await retry()).stdout).toBe('1 file of uploads queued again.\n')
      expect((await retry('--code', 'nonsense')).stderr).toContain('codes')
    } finally {
      await service.stop()
    }
    const away = await run('retry', 'uploads', '--url', 'http://127.0.0.1:1')
    expect([away.code, away.stderr]).toEqual([
      1,
      expect.stringContaining('no service answers at http://127.0.0.1:1'),
    ])
  }, 240_000)

  test('does again what failed of a job over a source by another one, once it has ended', async () => {
    const source = { s3: { bucket: 'shop', prefix: 'raw/', include: ['**/*.jpg'] } }
    const output = { s3: { bucket: 'shop-web', prefix: 'raw/' } }
    const spec = { source, output, scaling: { maxReplicas: 7 }, suspend: true }
    const name = 'every-photograph-of-every-branch-of-the-shop'
    await client.apply(jobs, resource(name, spec))
    const running = await run('retry', name)
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining('has not ended (New)')])

    const end = async (of: string, failed: number) =>
      say(of, {
        conditions: [condition('Complete', 'True', 'Completed', 'Every file is done.')],
        files: { found: 10, completed: 10 - failed, failed },
      })
    await end(name, 0)
    expect((await run('retry', name)).stdout).toBe(`Nothing of ${name} has failed.\n`)
    await end(name, 2)
    const chosen = await run('retry', name, '--code', 'poison')
    expect([chosen.code, chosen.stderr]).toEqual([2, expect.stringContaining('whatever is not done of it')])

    const [first, second] = [1, 2].map((times) => `every-photograph-of-every-branch-of-t-retry-${times}`)
    if (first === undefined || second === undefined) throw new Error('two names were made')
    expect(first).toHaveLength(45)
    expect((await run('retry', name)).stdout).toContain(`${first} does again what is not done of ${name}`)
    const made = await client.get(jobs, { namespace, name: first })
    expect(made?.metadata.labels).toEqual({ 'kompressor.dev/retry-of': name })
    const before = await specOf(name)
    expect(made?.spec).toEqual({ ...before, suspend: false })
    expect(before).toMatchObject(spec)

    // What fails once more is done by yet another.
    await end(first, 1)
    expect((await run('retry', first)).stdout).toContain(`${second} does again what is not done of ${first}`)
    for (const each of [name, first, second]) await client.delete(jobs, { namespace, name: each })
  })

  test.skipIf(services === undefined)(
    'writes the ledger as CSV, and says so when there is none',
    async () => {
      const { endpoint, environment } = services?.s3 ?? { endpoint: '', environment: {} }
      const env = environment
      const report = (name: string, ...more: string[]) =>
        kompressor(
          [
            'job',
            'report',
            name,
            '--kubeconfig',
            kubeconfig,
            '-n',
            namespace,
            '--s3-endpoint',
            endpoint,
            ...more,
          ],
          {
            cwd: folder,
            env,
          },
        )
      const { uid } = (await client.get(jobs, { namespace, name: 'photos' }))?.metadata ?? { uid: '' }
      await makeBucket(endpoint, environment, 'shop-web')
      expect((await report('photos')).stderr).toContain('there is nothing below s3://shop-web/.kompressor/')
      await writeLedger({ endpoint, environment }, ledgerPrefix({ uid, namespace, name: 'photos' }))
      const { stdout, stderr, code } = await report('photos')
      expect([code, stderr]).toEqual([0, '2 objects of photos.\n'])
      const lines = stdout.trim().split('\r\n')
      expect(lines[0]).toMatch(/^source_key,source_etag,outcome/)
      expect(lines[1]).toMatch(/^photos\/a\.jpg,e1,compressed,/)
      expect(lines[2]).toMatch(/^"photos\/b, c\.jpg",e2,failed,,corrupt_input/)
      expect((await report('photos', '--out', 'photos.csv')).stderr).toBe(
        '2 objects of photos in photos.csv.\n',
      )
      expect((await report('uploads')).stderr).toContain('takes files from clients and keeps no ledger')
    },
  )
})

function condition(type: string, status: string, reason: string, message: string) {
  return { type, status, reason, message, lastTransitionTime: new Date().toISOString() }
}

function kubeconfigOf(server: string, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
}

/** A database in which a file of the job has failed; suspended, so that nobody works on it. */
async function failedUpload(dataDir: string, namespace: string): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  const store = await createPGliteStore({ dataDir })
  const { db } = store
  const now = new Date()
  const job = { uid: 'uid-1', namespace, name: 'uploads' }
  const limits = { partitions: 1, maxAttempts: 1, initialBackoffMs: 1, maxBackoffMs: 1, suspended: true }
  await upsertClusterJob(db, { ...job, topic: 't', consumerGroup: 'g', ...limits })
  await publishJob(db, { ...job, observedAt: now, view: { conditions: [] } })
  const batch = { id: 'b', tenantId: 'default', jobUid: job.uid, options: defaultOptions, tags: {} }
  const file = { id: 'f', name: 'a.jpg', size: 1, tags: {}, uploadKey: 'in/default/f' }
  await createBatch(db, { ...batch, expiresAt: new Date(now.getTime() + 3_600_000), files: [file] })
  await queueFiles(db, { tenantId: 'default', batchId: 'b', files: [{ id: 'f', cost: 1 }], now })
  await db.transaction((tx) =>
    changeFiles(tx, { batchIds: ['b'], ids: ['f'], now }, (rows) =>
      rows.map((before) => ({
        before,
        after: {
          ...before,
          state: 'failed',
          errorCode: 'codec_timeout',
          errorMessage: 'too slow',
          finishedAt: now,
        },
        task: 'done',
        event: { type: 'file.failed', data: { state: 'failed' } },
      })),
    ),
  )
  await store.close()
}

interface Where {
  endpoint: string
  environment: Readonly<Record<string, string>>
}

function credentialsOf({ AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' }: Where['environment']) {
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
}

async function makeBucket(
  endpoint: string,
  environment: Where['environment'],
  bucket: string,
): Promise<void> {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: credentialsOf(environment),
  })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
}

async function writeLedger({ endpoint, environment }: Where, ledger: string): Promise<void> {
  const objects = await createS3ObjectStore({
    bucket: 'shop-web',
    endpoint,
    region: 'us-east-1',
    credentials: credentialsOf(environment),
  })
  const at = '2026-01-01T00:00:00Z'
  const lines: LedgerLine[] = [
    {
      at,
      source: { key: 'photos/a.jpg', etag: 'e1', bytes: 100 },
      outcome: 'compressed',
      cpuMs: 5,
      output: { key: 'photos/a.jpg', etag: 'x', bytes: 40 },
    },
    {
      at,
      source: { key: 'photos/b, c.jpg', etag: 'e2', bytes: 100 },
      outcome: 'failed',
      error: { code: 'corrupt_input', message: 'broken' },
    },
  ]
  await writePart(objects, partKey(ledger, { taskId: 'c1', attempt: 1 }), lines)
  await objects.close()
}
