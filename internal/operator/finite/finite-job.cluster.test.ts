import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { fixtures } from '../../../test/fixtures/index.ts'
import { describeOnCluster } from '../../../tools/cluster/index.ts'
import { defineResource, type Manifest } from '../../kube/index.ts'
import type { S3ObjectStore } from '../../objects/index.ts'
import { readFiniteJob } from '../../store/index.ts'
import { forceDelete, namesOf } from '../names.ts'
import { type CompressionJob, compressionJobs, deployments, secrets, taskJobs } from '../resources.ts'
import { type Installation, install, put } from './installation.fixture.ts'

const configMaps = defineResource(
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  {},
)

const events = defineResource(
  { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  { reason: z.string(), involvedObject: z.object({ name: z.string() }) },
)

const patience = { timeout: 400_000, interval: 100 }
const logs = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `in/${i % 7}/${i}.log`,
      Buffer.concat([fixtures.log().subarray(0, 8_192), Buffer.from(`${i}`)]),
    ]),
  )

describeOnCluster('a CompressionJob over a bucket', ({ client, namespace, kubeconfig }) => {
  let all: Installation
  let source: S3ObjectStore
  let output: S3ObjectStore

  beforeAll(async () => {
    all = await install({ client, kubeconfig, namespace })
    const { s3 } = all.addresses
    const owner = new S3Client({ ...s3, forcePathStyle: true })
    for (const Bucket of ['install', 'photos', 'photos-small'])
      await owner.send(new CreateBucketCommand({ Bucket }))
    owner.destroy()
    source = await all.bucket('photos')
    output = await all.bucket('photos-small')
    await secretOf('owner', s3.credentials)
  }, 900_000)
  afterAll(() => all?.stop(), 120_000)

  const secretOf = (
    name: string,
    { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
  ) =>
    client.apply(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name },
      stringData: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    })

  interface Wanted {
    /** Of the source. */
    from?: object
    /** Of the output. */
    to?: object
    spec?: object
  }
  function manifest(name: string, { from = {}, to = {}, spec = {} }: Wanted = {}): Manifest {
    const { endpoint } = all.addresses.s3
    const place = { endpoint, credentialsSecretRef: { name: 'owner' } }
    return {
      apiVersion: compressionJobs.apiVersion,
      kind: compressionJobs.kind,
      metadata: { namespace, name },
      spec: {
        source: { s3: { ...place, bucket: 'photos', prefix: 'in/', ...from } },
        output: { s3: { ...place, bucket: 'photos-small', prefix: `${name}/`, ...to } },
        compression: { images: {}, data: {} },
        scaling: { maxReplicas: 2 },
        worker: { slots: 1 },
        ...spec,
      },
    }
  }
  const apply = (name: string, wanted?: Wanted) => client.apply(compressionJobs, manifest(name, wanted))
  const look = (name: string) => client.get(compressionJobs, { namespace, name })
  const condition = (job: CompressionJob | undefined, type: string) =>
    job?.status?.conditions?.find((one) => one.type === type)

  /** Waits for a condition; what the pods said explains why it does not come. */
  async function until(name: string, type: string, wanted: { status?: string; reason?: string }) {
    let last: CompressionJob | undefined
    try {
      return await vi.waitUntil(async () => {
        last = await look(name)
        const is = condition(last, type)
        const fits = Object.entries(wanted).every(
          ([key, value]) => is !== undefined && Reflect.get(is, key) === value,
        )
        return fits ? last : undefined
      }, patience)
    } catch (error) {
      throw new Error(`${JSON.stringify(last?.status, null, 2)}\n${all.kubelet.output()}`, { cause: error })
    }
  }
  const gone = (name: string) => vi.waitUntil(async () => (await look(name)) === undefined, patience)
  const remains = async ({ metadata: { name, uid } }: CompressionJob) => {
    const { worker, planner, report, topic, group } = namesOf({ namespace, name, uid })
    return {
      deployment: await client.get(deployments, { namespace, name: worker }),
      planner: await client.get(taskJobs, { namespace, name: planner }),
      report: await client.get(taskJobs, { namespace, name: report }),
      topic: await all.broker.lag(group, topic).catch(() => undefined),
      rows: await readFiniteJob(all.store.db, uid),
    }
  }

  it('ends Complete with exact counts, outputs and report, and costs a listing the second time', async () => {
    await put(source, { ...logs(300), 'in/left.tmp': Buffer.from('x'), 'in/Thumbs.db': Buffer.from('x') })
    const job = await apply('whole', { from: { exclude: ['**/*.tmp'] } })
    await until('whole', 'Progressing', { reason: 'Working' })
    await all.restartOperator()
    const { status } = await until('whole', 'Complete', { status: 'True' })
    expect(condition({ ...job, status }, 'Complete')).toMatchObject({
      reason: 'AllDone',
      message: 'All of 301 files are done.',
    })
    expect(status?.files).toMatchObject({
      found: 301,
      queued: 0,
      processing: 0,
      completed: 300,
      skipped: 1,
      failed: 0,
    })
    expect(status?.bytes?.saved).toBeGreaterThan(0)
    expect(status?.usage?.coreSeconds).toBeGreaterThan(0)
    expect(status).toMatchObject({ completionTime: expect.any(String), replicas: { desired: 0 } })
    expect(condition({ ...job, status }, 'Planned')?.message).toContain('the filters left out 1')
    const listed = (prefix: string) =>
      output.list({ prefix }).then(({ items }) => items.map(({ key }) => key))
    expect(await listed('whole/')).toHaveLength(300)
    const notes = await listed(`.kompressor/${namespace}.whole.`)
    const reportKey = notes.find((key) => key.endsWith('report.json')) ?? ''
    const { body } = await output.get(reportKey)
    expect(JSON.parse(Buffer.concat(await body.toArray()).toString())).toMatchObject({
      files: { found: 301, completed: 301, failed: 0, cancelled: 0 },
      leftOut: 1,
      ledger: { files: { total: 300, compressed: 300 } },
    })
    await vi.waitUntil(async () => (await remains(job)).topic === undefined, patience)
    expect(all.kubelet.running()).toEqual([])

    // The same again, under the name of the first: what it did it need not do again.
    await client.delete(compressionJobs, { namespace, name: 'whole' })
    await gone('whole')
    expect(Object.values(await remains(job))).toEqual([undefined, undefined, undefined, undefined, undefined])
    await apply('whole', { from: { exclude: ['**/*.tmp'] }, spec: { ttlSecondsAfterFinished: 0 } })
    const again = await until('whole', 'Complete', { status: 'True' })
    expect(again.status?.files).toMatchObject({ found: 301, failed: 0 })
    expect(again.status?.usage?.coreSeconds).toBe(0)
    await vi.waitUntil(async () => (await remains(again)).deployment === undefined, patience)
    expect(await look('whole')).toBeDefined()
  }, 900_000)

  it('is estimated by its planner alone, and the report of the run that follows says how far off that was', async () => {
    const photo = await fixtures.photo({ width: 96, height: 64, quality: 97 })
    await put(
      source,
      Object.fromEntries(
        Array.from({ length: 30 }, (_, i) =>
          i % 3 === 0
            ? [`like/a/${i}.jpg`, photo]
            : [`like/b/${i}.log`, fixtures.log({ bytes: 9_000 + i, seed: i })],
        ),
      ),
    )
    const places = { from: { prefix: 'like/' }, to: { prefix: 'like-small/' } }
    await apply('foretold', {
      ...places,
      spec: { mode: 'Estimate', scaling: { minReplicas: 1, maxReplicas: 2 } },
    })
    const estimated = await until('foretold', 'Complete', { status: 'True', reason: 'Estimated' })
    const { estimate, replicas } = estimated.status ?? {}
    expect(estimate).toMatchObject({ files: 30, sampled: 30, byPrefix: [{ name: 'b/' }, { name: 'a/' }] })
    expect(estimate?.best).toHaveLength(5)
    expect(replicas?.desired).toBe(0)
    expect((await output.list({ prefix: 'like-small/' })).items).toEqual([])
    await vi.waitUntil(async () => (await remains(estimated)).topic === undefined, patience)
    expect((await remains(estimated)).report).toBeUndefined()

    await apply('told', places)
    const { status } = await until('told', 'Complete', { status: 'True', reason: 'AllDone' })
    expect(status?.bytes?.saved).toBe(estimate?.bytesSaved)
    const notes = (await output.list({ prefix: `.kompressor/${namespace}.told.` })).items
    const reportKey = notes.find(({ key }) => key.endsWith('report.json'))?.key ?? ''
    const { body } = await output.get(reportKey)
    expect(JSON.parse(Buffer.concat(await body.toArray()).toString()).estimate).toMatchObject({
      key: expect.stringMatching(new RegExp(`^\\.kompressor/${namespace}\\.foretold\\..*/estimate\\.json$`)),
      actual: status?.bytes?.saved,
      offPercent: 0,
      held: true,
    })
  }, 900_000)

  it('keeps to its limits and says so, adds no workers for that, and obeys others without a roll', async () => {
    await put(
      source,
      Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`slow/${i}.log`, fixtures.log({ seed: i })])),
    )
    await apply('slow', {
      from: { prefix: 'slow/' },
      spec: { limits: { requestsPerSecond: 4 }, scaling: { maxReplicas: 1 } },
    })
    const limited = await until('slow', 'Throttled', { status: 'True', reason: 'Limited' })
    expect(condition(limited, 'Throttled')?.message).toMatch(/^spec.limits allow 4 requests a second/)
    const share = async () => (await readFiniteJob(all.store.db, limited.metadata.uid))?.job.limits
    // The planner has read the source, and one worker is there.
    await vi.waitUntil(async () => (await share())?.requestsPerSecond === 4, patience)
    const name = namesOf({ namespace, name: 'slow', uid: limited.metadata.uid }).worker
    const revision = async () =>
      (await client.get(deployments, { namespace, name }))?.metadata.annotations?.[
        'deployment.kubernetes.io/revision'
      ]
    expect(await revision()).toBe('1')
    await client.merge(
      compressionJobs,
      { namespace, name: 'slow' },
      { spec: { limits: { requestsPerSecond: 5_000, bytesPerSecond: 50_000_000 } } },
    )
    const done = await until('slow', 'Complete', { status: 'True' })
    expect(done.status?.files).toMatchObject({ found: 200, completed: 200 })
    expect(condition(done, 'Throttled')).toMatchObject({ status: 'False', reason: 'NotThrottled' })
    expect(await share()).toEqual({ requestsPerSecond: 5_000, bytesPerSecond: 50_000_000 })
    expect(await revision()).toBe('1')
    await client.delete(compressionJobs, { namespace, name: 'slow' })
    await gone('slow')
  }, 900_000)

  describe('of somebody who has to put something right', () => {
    const wrong: [string, Wanted, string, RegExp][] = [
      [
        'a Secret that is missing',
        { from: { credentialsSecretRef: { name: 'nowhere' } } },
        'SecretMissing',
        /no Secret nowhere in namespace .* create it with the keys/,
      ],
      [
        'credentials that are wrong',
        { from: { credentialsSecretRef: { name: 'stranger' } } },
        'StorageDenied',
        /Give the credentials of the job/,
      ],
      [
        'a source that does not exist',
        { from: { bucket: 'no-such-bucket' } },
        'BucketNotFound',
        /no-such-bucket.* Make the bucket/,
      ],
      [
        'an output that does not exist',
        { to: { bucket: 'no-such-bucket' } },
        'BucketNotFound',
        /no-such-bucket.* Make the bucket/,
      ],
      [
        'a store that does not answer',
        { to: { endpoint: 'http://127.0.0.1:9' } },
        'StorageUnavailable',
        /Is the endpoint right/,
      ],
    ]
    it('says what and what to do, for each of them, and tries again', async () => {
      await put(source, { 'few/1.log': fixtures.log(), 'few/2.log': fixtures.log() })
      await secretOf('stranger', { accessKeyId: 'stranger', secretAccessKey: 'stranger' })
      await Promise.all(
        wrong.map(([, { from, to }], i) =>
          apply(`wrong-${i}`, { from: { prefix: 'few/', ...from }, to: to ?? {} }),
        ),
      )
      for (const [i, [what, , reason, message]] of wrong.entries()) {
        const job = await until(`wrong-${i}`, 'Degraded', { status: 'True', reason })
        expect(condition(job, 'Degraded')?.message, what).toMatch(message)
        expect(condition(job, 'Ready'), what).toMatchObject({ status: 'False', reason })
        expect(condition(job, 'Planned'), what).toMatchObject({ status: 'False', reason })
      }
      // Right again, by themselves.
      const { credentials } = all.addresses.s3
      await secretOf('nowhere', credentials)
      await until('wrong-0', 'Complete', { status: 'True' })
      for (const i of wrong.keys()) await client.delete(compressionJobs, { namespace, name: `wrong-${i}` })
      for (const i of wrong.keys()) await gone(`wrong-${i}`)
    }, 900_000)

    it('is complete at once when there is nothing to do, and says why', async () => {
      await apply('empty', { from: { prefix: 'nobody/' } })
      const job = await until('empty', 'Complete', { status: 'True' })
      expect(condition(job, 'Complete')).toMatchObject({
        reason: 'NothingFound',
        message: expect.stringContaining('look at bucket and prefix'),
      })
      await client.delete(compressionJobs, { namespace, name: 'empty' })
      await gone('empty')
    }, 300_000)
  })

  it('over a list waits for it, fetches what it names, and says which lines are no good', async () => {
    const log = fixtures.log()
    const server = createServer(({ url = '' }, response) => {
      if (url.startsWith('/gone')) response.writeHead(404).end()
      else response.end(Buffer.concat([log, Buffer.from(url)]))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const configMapKeyRef = { name: 'addresses', key: 'list.csv' }
    const csv = { configMapKeyRef, columns: { url: 'address', key: 'name' } }
    await apply('listed', { spec: { source: { csv } } })
    const waiting = await until('listed', 'Degraded', { status: 'True', reason: 'ListMissing' })
    expect(condition(waiting, 'Planned')?.message).toMatch(
      /there is no key list.csv in a ConfigMap addresses. Make it/,
    )
    const good = Array.from({ length: 100 }, (_, i) => `${address}/${i},${i % 3}/${i}.log`)
    const bad = ['not an address,x', `${address}/gone,gone.log`, 'http://169.254.169.254/,meta']
    await client.apply(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'addresses' },
      data: { 'list.csv': ['address,name', ...good, ...bad].join('\n') },
    })
    const job = await until('listed', 'Failed', { status: 'True' })
    server.close()
    expect(job.status?.files).toMatchObject({ found: 103, completed: 100, failed: 3, queued: 0 })
    expect(condition(job, 'Planned')?.message).toContain(
      '1 line of the list cannot be used, such as line 102 not an address is not an address',
    )
    expect(job.status?.topFailures?.map(({ code }) => code).sort()).toEqual([
      'bad_line',
      'url_not_allowed',
      'url_not_found',
    ])
    const { items } = await output.list({ prefix: 'listed/' })
    expect(items.map(({ key }) => key)).toEqual(
      Array.from({ length: 100 }, (_, i) => `listed/${i % 3}/${i}.log.zst`).sort(),
    )
    await client.delete(compressionJobs, { namespace, name: 'listed' })
    await gone('listed')
  }, 600_000)

  it('is stopped when too much fails, with the first cause named, and goes on when its owner says so', async () => {
    const broken = fixtures.truncated(await fixtures.photo({ width: 64, height: 64 }))
    await put(source, Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`bad/${i}.jpg`, broken])))
    const failurePolicy = { maxFailedPercent: 10, minFiles: 10 }
    await apply('stopped', { from: { prefix: 'bad/' }, spec: { failurePolicy } })
    const ended = await apply('failed', {
      from: { prefix: 'bad/' },
      spec: { failurePolicy: { ...failurePolicy, action: 'Fail' } },
    })
    // All of it is one chunk: it ends with its last file failed, policy or not.
    const job = await until('stopped', 'Failed', { status: 'True' })
    expect(condition(job, 'Failed')).toMatchObject({
      reason: 'FilesFailed',
      message: expect.stringMatching(/^12 of 12 files failed: truncated_input \(12, such as bad\/\d+\.jpg: /),
    })
    expect(job.status?.topFailures).toMatchObject([{ code: 'truncated_input', count: 12 }])
    await until('failed', 'Failed', { status: 'True' })
    expect(ended.metadata.uid).not.toBe(job.metadata.uid)
  }, 300_000)

  it('over 20,000 empty objects is stopped by its failure policy, says why, and nothing of it crashes', async () => {
    const count = 20_000
    const nothing = Buffer.alloc(0)
    for (let from = 0; from < count; from += 2_000) {
      const names = Array.from({ length: 2_000 }, (_, i) => [`empty/${from + i}.log`, nothing] as const)
      await put(source, Object.fromEntries(names))
    }
    await apply('empties', { from: { prefix: 'empty/' } })
    const job = await until('empties', 'Progressing', { status: 'False', reason: 'FailurePolicy' })
    expect(condition(job, 'Progressing')?.message).toMatch(
      /files that are done failed, more than 5 %: empty_file \(\d+, such as empty\/\d+\.log: .*\)\. Correct the cause, then raise/,
    )
    expect(job.status?.topFailures).toMatchObject([{ code: 'empty_file' }])
    expect(condition(job, 'Failed')?.status).toBe('False')
    // It waits: planner and workers are gone, and none of them ended but by SIGTERM (143).
    await vi.waitUntil(() => all.kubelet.running().length === 0, patience)
    expect(all.kubelet.output()).toMatch(/\/empties-\S+ ended with/)
    expect(all.kubelet.output()).not.toMatch(/\/empties-\S+ ended with (?!143)[1-9]/)
    const stopped = await look('empties')
    expect(stopped?.status?.files?.found).toBeLessThanOrEqual(count)
    expect(stopped?.status?.replicas?.desired).toBe(0)
    await client.delete(compressionJobs, { namespace, name: 'empties' })
    await gone('empties')
  }, 900_000)

  describe('of which everything shall go', () => {
    const many = () =>
      Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`gone/${i}.log`, fixtures.log({ seed: i })]))
    const wrong = { AWS_SECRET_ACCESS_KEY: 'wrong' }
    const wanted = (secret: string): Wanted => ({
      from: { prefix: 'gone/' },
      to: { credentialsSecretRef: { name: secret } },
      spec: { deletionPolicy: 'Delete', ttlSecondsAfterFinished: 0 },
    })
    const listed = (name: string) =>
      output.list({ prefix: `${name}/` }).then(({ items }) => items.map(({ key }) => key))
    const notes = (name: string) =>
      output.list({ prefix: `.kompressor/${namespace}.${name}.` }).then(({ items }) => items)
    const eraserOf = (name: string) =>
      client.get(taskJobs, { namespace, name: namesOf({ namespace, name, uid: '' }).eraser })

    it('is erased by a pod after its workers and before the resource, and what others changed stays', async () => {
      await put(source, many())
      await apply('erased', wanted('owner'))
      const job = await until('erased', 'Complete', { status: 'True' })
      await vi.waitUntil(async () => (await remains(job)).deployment === undefined, patience)
      await put(output, { 'erased/0.log.zst': Buffer.from('of somebody else') })
      await client.delete(compressionJobs, { namespace, name: 'erased' })
      await vi.waitUntil(() => eraserOf('erased'), patience)
      const { deployment, planner, report } = await remains(job)
      expect([deployment, planner, report]).toEqual([undefined, undefined, undefined])
      await gone('erased')
      expect(await listed('erased')).toEqual(['erased/0.log.zst'])
      expect(await notes('erased')).toEqual([])
      expect((await source.list({ prefix: 'gone/' })).items).toHaveLength(70)
      await vi.waitUntil(async () => (await eraserOf('erased')) === undefined, patience)
      expect(Object.values(await remains(job))).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
      ])
    }, 900_000)

    it('says what it cannot erase and what to do, goes on when that is done, and leaves it when it is told to', async () => {
      await put(source, many())
      const { s3 } = all.addresses
      for (const name of ['refused', 'forced']) {
        await secretOf(name, s3.credentials)
        await apply(name, wanted(name))
      }
      for (const name of ['refused', 'forced']) {
        await until(name, 'Complete', { status: 'True' })
        await client.merge(secrets, { namespace, name }, { stringData: wrong })
        await client.delete(compressionJobs, { namespace, name })
      }
      const early = await until('refused', 'Degraded', { status: 'True', reason: 'StorageDenied' })
      expect(condition(early, 'Degraded')?.message).toMatch(/Give the credentials of the job/)
      const late = await until('refused', 'Degraded', { status: 'True', reason: 'ErasureFailed' })
      expect(condition(late, 'Degraded')?.message).toMatch(
        /could not be erased: .*Give the credentials of the job.*kubectl delete job refused-eraser -n .*force-delete/,
      )
      expect(late.metadata.finalizers).toContain('kompressor.dev/cleanup')
      const told = await client.list(events, { namespace })
      expect(told.items.map(({ reason, involvedObject }) => `${involvedObject.name} ${reason}`)).toContain(
        'refused ErasureFailed',
      )
      const { metadata } = late
      expect(await listed('refused')).toHaveLength(70)
      await secretOf('refused', s3.credentials)
      const { eraser } = namesOf({ namespace, name: metadata.name, uid: metadata.uid })
      await client.delete(taskJobs, { namespace, name: eraser }, { propagation: 'Background' })
      await gone('refused')
      expect(await listed('refused')).toEqual([])

      const annotations = { [forceDelete]: '' }
      await client.merge(compressionJobs, { namespace, name: 'forced' }, { metadata: { annotations } })
      await gone('forced')
      expect(await listed('forced')).toHaveLength(70)
      expect(await eraserOf('forced')).toBeUndefined()
    }, 900_000)
  })

  it('goes with all it has whenever it is deleted, and waits while it is suspended', async () => {
    const held = await apply('held', { spec: { suspend: true } })
    await until('held', 'Progressing', { reason: 'Suspended' })
    expect((await remains(held)).planner).toBeUndefined()
    await client.merge(compressionJobs, { namespace, name: 'held' }, { spec: { suspend: false } })
    await vi.waitUntil(async () => (await remains(held)).planner, patience)
    await client.delete(compressionJobs, { namespace, name: 'held' })
    await gone('held')
    expect(Object.values(await remains(held))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  }, 300_000)
})
