import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { describeOnCluster } from '../../../tools/cluster/index.ts'
import { compressionOptionsSchema } from '../../codec/index.ts'
import { ApiError, createTransport, defineResource, loadKubeConfig, type Manifest } from '../../kube/index.ts'
import { group, kind, plural, specSchema, version } from '../schema/index.ts'
import { examples } from './examples.ts'
import { installCrd } from './install.fixture.ts'

/** As the server has it, unparsed. */
const raw = defineResource(
  { apiVersion: `${group}/${version}`, kind, plural, namespaced: true },
  { spec: z.record(z.string(), z.unknown()) },
)

interface Fields {
  [field: string]: unknown
}

const bucket = { source: { s3: { bucket: 'photos' } }, output: { s3: { bucket: 'small' } } }
const minimal: Fields = { ...bucket, compression: { images: {} } }
const hook = (url: string) => ({ url, secretRef: { name: 'hooks', key: 'kompressor' } })
const ingest: Fields = { source: { ingest: {} }, compression: { images: {} } }

describeOnCluster('the CompressionJob on a real API server', ({ client, namespace, kubeconfig }) => {
  beforeAll(() => installCrd(client))

  const job = (spec: Fields, name = `job-${randomUUID()}`): Manifest => ({
    apiVersion: raw.apiVersion,
    kind,
    metadata: { namespace, name },
    spec,
  })

  /** What the server says against a manifest, or undefined when it takes it. */
  const refusal = (manifest: Manifest): Promise<string | undefined> =>
    client.apply(raw, manifest).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 422) return error.message
        throw error
      },
    )

  it.each(examples.map(({ name }) => name))('takes the example %s', async (name) => {
    const file = path.join(import.meta.dirname, '../../../deploy/examples', `${name}.yaml`)
    const { metadata, ...manifest } = parse(readFileSync(file, 'utf8'))
    expect(await refusal({ ...manifest, metadata: { ...metadata, namespace } })).toBeUndefined()
  })

  it.each([
    ['a job over a bucket', minimal],
    ['ingest', ingest],
    [
      'a list without a header',
      {
        ...minimal,
        source: {
          csv: { s3: { bucket: 'lists', key: 'a.csv' }, header: false, columns: { url: '2', key: '1' } },
        },
      },
    ],
    ['addresses', { ...minimal, source: { urls: ['https://a.example/b.jpg'] } }],
    [
      'everything that has defaults of its own',
      { ...minimal, compression: { images: {}, data: {} }, retry: {} },
    ],
  ])('fills in the same defaults as the code: %s', async (_, spec) => {
    const { spec: stored } = await client.apply(raw, job(spec))
    expect(stored).toEqual(specSchema.parse(spec))
  })

  it.each<[string, Fields, string]>([
    ['no source', { ...minimal, source: {} }, 'give exactly one source: s3, csv, urls or ingest'],
    [
      'two sources',
      { ...minimal, source: { s3: { bucket: 'photos' }, urls: ['https://a.example/b.jpg'] } },
      'give exactly one source: s3, csv, urls or ingest',
    ],
    [
      'no source at all',
      { output: bucket.output, compression: { images: {} } },
      'spec.source: Required value',
    ],
    [
      'no output',
      { source: bucket.source, compression: { images: {} } },
      'say where the results go: output is needed unless mode is Estimate or the source is ingest',
    ],
    ['nothing to compress', { ...minimal, compression: {} }, 'nothing would be compressed'],
    ['a bad bucket name', { ...minimal, source: { s3: { bucket: 'Photos' } } }, 'spec.source.s3.bucket'],
    [
      'an output over its source',
      { ...minimal, output: { s3: { bucket: 'photos', prefix: 'small/' } } },
      'output and source overlap: use another bucket, or prefixes of which neither begins with the other',
    ],
    [
      'an unknown mode',
      { ...minimal, mode: 'Try' },
      'spec.mode: Unsupported value: "Try": supported values: "Run", "Estimate"',
    ],
    [
      'an estimate of uploads',
      { ...ingest, mode: 'Estimate' },
      'there is nothing to sample in ingest: Estimate needs s3, csv or urls',
    ],
    [
      'more at least than at most',
      { ...minimal, scaling: { minReplicas: 5, maxReplicas: 2 } },
      'minReplicas must not exceed maxReplicas',
    ],
    [
      'a deadline of what never ends',
      { ...ingest, scaling: { finishWithin: '8h' } },
      'finishWithin is for jobs that end; ingest goes by targetDrainSeconds',
    ],
    ['a duration without unit', { ...minimal, scaling: { finishWithin: '8' } }, 'spec.scaling.finishWithin'],
    ['too many replicas', { ...minimal, scaling: { maxReplicas: 5000 } }, 'less than or equal to 1000'],
    ['a CSV from nowhere', { ...minimal, source: { csv: {} } }, 'give s3 or configMapKeyRef: one of them'],
    [
      'a CSV from two places',
      {
        ...minimal,
        source: {
          csv: { s3: { bucket: 'lists', key: 'a.csv' }, configMapKeyRef: { name: 'a', key: 'a.csv' } },
        },
      },
      'give s3 or configMapKeyRef: one of them',
    ],
    [
      'names of columns that have none',
      {
        ...minimal,
        source: {
          csv: { s3: { bucket: 'lists', key: 'a.csv' }, header: false, columns: { url: 'address' } },
        },
      },
      'without a header columns have no names: give their numbers, counted from 1',
    ],
    [
      'columns between quotes',
      { ...minimal, source: { csv: { s3: { bucket: 'lists', key: 'a.csv' }, delimiter: '"' } } },
      'spec.source.csv.delimiter',
    ],
    ['no address', { ...minimal, source: { urls: [] } }, 'spec.source.urls'],
    [
      'an address that is none',
      { ...minimal, source: { urls: ['ftp://a.example/b.jpg'] } },
      'spec.source.urls[0]',
    ],
    [
      'quality and targetQuality',
      { ...minimal, compression: { images: { quality: 80, targetQuality: 75 } } },
      'give quality or targetQuality, not both',
    ],
    [
      'a floor above the target',
      { ...minimal, compression: { images: { targetQuality: 70, minScore: 80 } } },
      'minScore must not exceed targetQuality',
    ],
    [
      'a resize to nothing',
      { ...minimal, compression: { images: { resize: {} } } },
      'give maxWidth, maxHeight or both',
    ],
    [
      'a level the codec lacks',
      { ...minimal, compression: { data: { codec: 'Gzip', level: 12 } } },
      'levels are 1 to 19 for Zstd, 0 to 11 for Brotli and 1 to 9 for Gzip',
    ],
    [
      'a profile that is wrong',
      {
        ...ingest,
        source: { ingest: { profiles: { a: { images: { quality: 80, targetQuality: 75 } } } } },
      },
      'give quality or targetQuality, not both',
    ],
    [
      'a quality out of range',
      { ...minimal, compression: { images: { quality: 0 } } },
      'greater than or equal to 1',
    ],
    ['no attempt', { ...minimal, retry: { maxAttempts: 0 } }, 'greater than or equal to 1'],
    [
      'a percentage above all',
      { ...minimal, failurePolicy: { maxFailedPercent: 101 } },
      'less than or equal to 100',
    ],
    ['no request at all', { ...minimal, limits: { requestsPerSecond: 0 } }, 'spec.limits.requestsPerSecond'],
    ['hardly a byte', { ...minimal, limits: { bytesPerSecond: 1023 } }, 'spec.limits.bytesPerSecond'],
    ['limits of nothing', { ...minimal, limits: {} }, 'give requestsPerSecond, bytesPerSecond or both'],
    ['no partition', { ...minimal, partitions: 0 }, 'greater than or equal to 1'],
    [
      'a webhook to no address',
      { ...minimal, webhook: hook('shop.example.com/hook') },
      'must be an address such as',
    ],
    [
      'a webhook that is no call',
      { ...minimal, webhook: hook('ftp://shop.example.com/hook') },
      'must be an address such as',
    ],
    ['a webhook to nobody', { ...minimal, webhook: hook('https:///hook') }, 'must be an address such as'],
    [
      'a webhook with credentials in its address',
      { ...minimal, webhook: hook('https://me:secret@shop.example.com/hook') },
      'must not have credentials in it: calls are signed',
    ],
    [
      'a webhook to a fragment',
      { ...minimal, webhook: hook('https://shop.example.com/#hook') },
      'must not have a fragment',
    ],
    [
      'a webhook that nothing signs',
      { ...minimal, webhook: { url: 'https://shop.example.com/hook' } },
      'spec.webhook.secretRef: Required value',
    ],
    [
      'erasing what clients sent',
      { ...ingest, deletionPolicy: 'Delete' },
      'deletionPolicy Delete is for jobs that end',
    ],
    ['an unknown deletion policy', { ...minimal, deletionPolicy: 'Forget' }, 'Unsupported value: "Forget"'],
  ])('refuses %s', async (_, spec, message) => {
    expect(await refusal(job(spec))).toContain(message)
  })

  it('refuses a name that would be too long for what is made from it', async () => {
    expect(await refusal(job(minimal, 'a'.repeat(45)))).toBeUndefined()
    expect(await refusal(job(minimal, 'a'.repeat(46)))).toContain('the name may have at most 45 characters')
  })

  it.each<[string, Fields, Fields, string | undefined]>([
    ['another source', minimal, { source: { s3: { bucket: 'others' } } }, 'the source cannot be changed'],
    [
      'ingest instead of a bucket',
      { ...minimal },
      { source: { ingest: {} } },
      'the source cannot be changed',
    ],
    ['another output', minimal, { output: { s3: { bucket: 'others' } } }, 'the output cannot be changed'],
    ['no output any more', ingest, { output: { s3: { bucket: 'others' } } }, 'the output cannot be changed'],
    [
      'other options',
      minimal,
      { compression: { images: { format: 'AVIF' } } },
      'compression can be changed only where the source is ingest',
    ],
    ['other options of ingest', ingest, { compression: { images: { format: 'AVIF' } } }, undefined],
    ['profiles of ingest', ingest, { source: { ingest: { profiles: { a: { data: {} } } } } }, undefined],
    ['more partitions', { ...minimal, partitions: 4 }, { partitions: 8 }, undefined],
    ['fewer partitions', { ...minimal, partitions: 4 }, { partitions: 3 }, 'partitions may only grow'],
    ['scaling and suspension', minimal, { scaling: { maxReplicas: 3 }, suspend: true }, undefined],
    ['what is to become of outputs', minimal, { deletionPolicy: 'Delete' }, undefined],
    ['limits where there were none', minimal, { limits: { requestsPerSecond: 5 } }, undefined],
    [
      'other limits',
      { ...minimal, limits: { requestsPerSecond: 5 } },
      { limits: { bytesPerSecond: 1_000_000 } },
      undefined,
    ],
    ['no limits any more', { ...ingest, limits: { requestsPerSecond: 5 } }, { limits: undefined }, undefined],
    [
      'another receiver',
      { ...minimal, webhook: hook('https://[2606:4700::1111]/a@b?c=d') },
      { webhook: hook('http://hooks.shop.svc:8000/') },
      undefined,
    ],
  ])('decides on a change: %s', async (_, before, change, message) => {
    const manifest = job(before)
    expect(await refusal(manifest)).toBeUndefined()
    const said = await refusal({ ...manifest, spec: { ...before, ...change } })
    if (message === undefined) expect(said).toBeUndefined()
    else expect(said).toContain(message)
  })

  it('thinks of compression as the codec does', async () => {
    const images: Fields[] = [
      {},
      { quality: 1 },
      { quality: 101 },
      { quality: 50, targetQuality: 50 },
      { targetQuality: 29 },
      { targetQuality: 60 },
      { targetQuality: 60, minScore: 60 },
      { minScore: 96 },
      { maxBytes: 0 },
      { resize: { maxWidth: 0 } },
      { resize: { maxHeight: 10 } },
      { resize: {} },
      { format: 'JXL' },
      { metadata: 'Strip' },
    ]
    const data: Fields[] = ['Auto', 'Zstd', 'Brotli', 'Gzip'].flatMap((codec) =>
      [0, 1, 9, 10, 11, 12, 19, 20].map((level) => ({ codec, level })),
    )
    const all = [
      ...images.map((block) => ({ images: block })),
      ...data.map((block) => ({ data: block })),
      { images: {}, minSavingsPercent: 100 },
    ]
    for (const compression of all) {
      const said = await refusal(job({ ...minimal, compression }, 'agreed'))
      if (said === undefined) await client.delete(raw, { namespace, name: 'agreed' })
      const { success } = compressionOptionsSchema.safeParse(compression)
      expect(`${JSON.stringify(compression)} ${said === undefined}`).toBe(
        `${JSON.stringify(compression)} ${success}`,
      )
    }
  })

  it('scales by the subresource, and explains its fields', async () => {
    const manifest = job(minimal)
    await client.apply(raw, manifest)
    await client.scale(raw, manifest.metadata, 7)
    const scaled = await client.get(raw, manifest.metadata)
    expect(scaled?.spec.scaling).toMatchObject({ replicas: 7 })
    const transport = createTransport(loadKubeConfig({ kubeconfig }), { userAgent: 'kompressor-tests' })
    const document = JSON.stringify(
      await transport.send({
        verb: 'get',
        resource: 'openapi',
        method: 'GET',
        path: `/openapi/v3/apis/${group}/${version}`,
      }),
    )
    transport.close()
    expect(document).toContain('How soon waiting work should be done, seconds.')
  })
})
