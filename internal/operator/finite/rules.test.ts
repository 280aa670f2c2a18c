import { describe, expect, it } from 'vitest'
import { loadConfig, replicasIn, worker } from '../../config/index.ts'
import { specSchema } from '../schema/index.ts'
import { replicaEnv, sourceEnv, taskJob } from './pods.ts'
import { finiteRules } from './rules.ts'

const spec = (over: object = {}) =>
  specSchema.parse({
    source: { s3: { bucket: 'photos', prefix: 'in/', include: ['**/*.jpg'], minSize: '10KiB' } },
    output: { s3: { bucket: 'small' } },
    compression: { images: {} },
    ...over,
  })

describe('the rules of a job that ends', () => {
  it('are what its spec says, in bytes and patterns', () => {
    expect(finiteRules(spec())).toEqual({
      source: { bucket: 'photos', prefix: 'in/' },
      output: {
        prefix: '',
        keyTemplate: '{path}{newext}',
        onExisting: 'Skip',
        preserve: ['UserMetadata', 'CacheControl', 'ContentDisposition', 'Tags', 'StorageClass'],
      },
      reads: {
        kind: 'prefix',
        filter: { include: ['**/*.jpg'], exclude: [], minSize: 10_240, storageClasses: ['STANDARD'] },
      },
    })
  })

  it.each([
    [
      'a template that could collide',
      { output: { s3: { bucket: 'small', keyTemplate: '{file}' } } },
      /would both become/,
    ],
    ['a glob that is none', { source: { s3: { bucket: 'photos', include: ['a[b'] } } }, /not a glob/],
    [
      'an estimate of a list',
      { mode: 'Estimate', source: { urls: ['https://example.com/a.jpg'] } },
      /mode Estimate needs source\.s3/,
    ],
  ])('are refused for %s', (_, over, message) => {
    expect(() => finiteRules(spec(over))).toThrow(message)
  })
})

describe('the rules of a job over a list', () => {
  const place = { s3: { bucket: 'lists', key: 'a.csv' } }
  it.each<[string, object, object]>([
    ['addresses', { urls: ['https://a.example/b.jpg'] }, { kind: 'urls', urls: ['https://a.example/b.jpg'] }],
    [
      'a file in a bucket',
      { csv: place },
      {
        kind: 'csv',
        name: 's3://lists/a.csv',
        key: 'a.csv',
        rules: { header: true, delimiter: ',', columns: { url: 'url' } },
      },
    ],
    [
      'a file without a header',
      { csv: { ...place, header: false, delimiter: ';' } },
      { kind: 'csv', key: 'a.csv', rules: { header: false, delimiter: ';', columns: { url: '1' } } },
    ],
    [
      'a ConfigMap',
      { csv: { configMapKeyRef: { name: 'list', key: 'a.csv' }, columns: { url: 'image', key: 'sku' } } },
      {
        kind: 'csv',
        name: 'key a.csv in a ConfigMap list',
        rules: { header: true, delimiter: ',', columns: { url: 'image', key: 'sku' } },
      },
    ],
  ])('are what its spec says: %s', (_, source, reads) => {
    const rules = finiteRules(spec({ source }))
    expect(rules.source).toEqual({ bucket: '', prefix: '' })
    expect(rules.reads).toMatchObject(reads)
  })
})

it('an estimate needs no place for outputs, and keeps to the source of a run', () => {
  const { output: _, ...rest } = spec()
  const rules = finiteRules({ ...rest, mode: 'Estimate' })
  expect(rules.reads).toEqual(finiteRules(spec()).reads)
  expect(() => finiteRules(rest)).toThrow(/output is missing/)
})

describe('the pods beside the workers', () => {
  const job = { namespace: 'shop', name: 'photos', uid: 'uid-of-a-job' }
  const settings = {
    image: 'kompressor:1',
    env: { KOMPRESSOR_API_URL: 'http://api:8080', KOMPRESSOR_KAFKA_BROKERS: 'kafka:9092' },
    secretEnv: { KOMPRESSOR_KAFKA_PASSWORD: 'hush' },
    bucket: { env: { KOMPRESSOR_S3_BUCKET: 'install' }, secretEnv: { AWS_SECRET_ACCESS_KEY: 'quiet' } },
  }
  const theirs = spec({
    source: { s3: { bucket: 'photos', credentialsSecretRef: { name: 'reader' } } },
    output: { s3: { bucket: 'small', credentialsSecretRef: { name: 'writer' } } },
  })

  it('get the credentials of their buckets and the token of the job, and nothing of Kafka or the install', () => {
    const planner = JSON.stringify(taskJob('planner', job, theirs, settings))
    expect(planner).not.toMatch(/KAFKA|install|hush|quiet/i)
    expect(planner).toContain(
      '{"name":"KOMPRESSOR_SOURCE_ACCESS_KEY_ID","valueFrom":{"secretKeyRef":{"name":"reader"',
    )
    expect(planner).toContain(
      '{"name":"KOMPRESSOR_S3_ACCESS_KEY_ID","valueFrom":{"secretKeyRef":{"name":"writer"',
    )
    expect(planner).toContain('{"secretKeyRef":{"name":"photos-worker","key":"KOMPRESSOR_JOB_TOKEN"}}')
    expect(planner).not.toContain('configMap')
    const report = JSON.stringify(taskJob('report', job, theirs, settings))
    expect(report).not.toContain('reader')
    expect(planner).not.toContain('KOMPRESSOR_ESTIMATE')
  })

  it('compress the sample of an estimate with what a worker may take', () => {
    const resources = { limits: { cpu: '3', memory: '5Gi' } }
    const wanted = spec({ mode: 'Estimate', scaling: { maxReplicas: 7 }, worker: { resources } })
    const planner = JSON.stringify(taskJob('planner', job, wanted, settings))
    expect(planner).toContain('{"name":"KOMPRESSOR_ESTIMATE","value":"true"}')
    expect(planner).toContain('{"name":"KOMPRESSOR_REPLICAS","value":"7"}')
    expect(planner).toContain('{"name":"KOMPRESSOR_REPLICA_SLOTS","value":"3"}')
    expect(planner).toContain('"memory":"5Gi"')
    expect(JSON.stringify(taskJob('report', job, wanted, settings))).not.toContain('5Gi')
  })

  it('get the replicas of its outputs, each with credentials of its own', () => {
    const replicas = [
      { bucket: 'far-away', region: 'eu-north-1', credentialsSecretRef: { name: 'north' } },
      { bucket: 'copies', prefix: 'a b/', endpoint: 'http://minio:9000' },
    ]
    const env = replicaEnv(spec({ output: { s3: { bucket: 'small' }, replicas } }))
    const told = Object.fromEntries(env.flatMap((one) => ('value' in one ? [[one.name, one.value]] : [])))
    const required = { KOMPRESSOR_KAFKA_BROKERS: 'a:9092', KOMPRESSOR_S3_BUCKET: 'small' }
    const { config, warnings } = loadConfig(worker, [], { ...required, ...told })
    expect(warnings).toEqual([])
    expect(replicasIn(config)).toMatchObject([
      {
        endpoint: 'https://s3.eu-north-1.amazonaws.com',
        bucket: 'far-away',
        region: 'eu-north-1',
        prefix: '',
      },
      { endpoint: 'http://minio:9000', bucket: 'copies', prefix: 'a b/' },
    ])
    expect(JSON.stringify(env)).toContain(
      '{"name":"KOMPRESSOR_REPLICA1_ACCESS_KEY_ID","valueFrom":{"secretKeyRef":{"name":"north"',
    )
    expect(JSON.stringify(env)).not.toContain('KOMPRESSOR_REPLICA2_ACCESS')
  })

  it('get the list of a job, and workers only that it is of the web', () => {
    const list = { csv: { configMapKeyRef: { name: 'list', key: 'a.csv' } } }
    const ofMap = JSON.stringify(taskJob('planner', job, spec({ source: list }), settings))
    expect(ofMap).toContain('{"name":"KOMPRESSOR_SOURCE_FILE","value":"/list/list.csv"}')
    expect(ofMap).toContain('{"name":"list","mountPath":"/list","readOnly":true}')
    expect(ofMap).toContain(
      '{"name":"list","configMap":{"name":"list","optional":true,"items":[{"key":"a.csv","path":"list.csv"}]}}',
    )
    const lists = { s3: { bucket: 'lists', key: 'a.csv', credentialsSecretRef: { name: 'reader' } } }
    const inBucket = spec({ source: { csv: lists } })
    expect(JSON.stringify(taskJob('planner', job, inBucket, settings))).toContain('"value":"lists"')
    expect(sourceEnv(inBucket)).toEqual([{ name: 'KOMPRESSOR_SOURCE_WEB', value: 'true' }])
  })
})
