import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createS3ObjectStore, type S3ObjectStore } from '../../internal/objects/index.ts'
import { fixtures } from '../fixtures/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { describeServices, services, useBucket } from '../support/services.ts'
import { jsonLines, kompressor, start } from './command.ts'

describeServices('kompressor run s3://', () => {
  const sourceBucket = useBucket()
  const outputBucket = useBucket()
  let folder: string
  let from: S3ObjectStore
  let to: S3ObjectStore
  let env: Record<string, string>

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kompressor-bucket-'))
    const { s3 } = services()
    from = await createS3ObjectStore({ ...s3, bucket: sourceBucket() })
    to = await createS3ObjectStore({ ...s3, bucket: outputBucket() })
    const { accessKeyId, secretAccessKey } = s3.credentials
    env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: s3.region }
  })
  afterEach(async () => {
    for (const store of [from, to]) {
      await store.delete((await store.list({})).items.map(({ key }) => key))
      await store.close()
    }
    await rm(folder, { recursive: true, force: true })
  })

  const put = (key: string, bytes: Buffer, metadata = {}) =>
    from.put(key, Readable.from([bytes]), { attributes: { metadata, cacheControl: 'max-age=9' } })
  const run = (...more: string[]) => [
    'run',
    `s3://${sourceBucket()}/photos`,
    '--out',
    `s3://${outputBucket()}/web`,
    '--s3-endpoint',
    services().s3.endpoint,
    '--slots',
    '2',
    '--state-dir',
    join(folder, 'state'),
    ...more,
  ]

  test('a bucket is compressed into another, with table, ledger and report, and a second run does only what is new', async () => {
    await put('photos/2024/ü b.jpg', await fixtures.photo({ width: 640, height: 480 }), { owner: 'ann' })
    for (let i = 0; i < 5; i += 1)
      await put(`photos/${i}.log`, Buffer.concat([fixtures.log(), Buffer.from(`${i}`)]))
    await put('photos/broken.jpg', fixtures.truncated(await fixtures.photo()))
    const first = await kompressor(run(), { cwd: folder, env })
    expect(first.stderr).not.toContain('"level"')
    expect(first.stdout).toMatch(/data +5 .*JPEG +2 .*total +7 /s)
    expect(first.stdout).toContain(`Output: s3://${outputBucket()}/web/`)
    expect(first.stdout).toContain('truncated_input')
    expect(first.code).toBe(1)
    expect(await readdir(folder)).toEqual([])
    const info = await to.head('web/2024/ü b.jpg')
    expect(info?.attributes).toMatchObject({
      contentType: 'image/jpeg',
      cacheControl: 'max-age=9',
      metadata: { owner: 'ann' },
    })
    const notes = (await to.list({ prefix: '.kompressor/' })).items.map(({ key }) =>
      key.replace(/run\.[0-9a-f]{8}/, 'JOB').replace(/[0-9a-f-]{36}/, 'CHUNK'),
    )
    expect(notes).toEqual([
      '.kompressor/JOB/index.ndjson.zst',
      '.kompressor/JOB/ledger/CHUNK-1.ndjson.zst',
      '.kompressor/JOB/report.json',
    ])

    await put('photos/new.log', fixtures.log())
    const second = await kompressor(run('--json'), { cwd: folder, env })
    const lines = jsonLines(second.stdout)
    expect(lines.map(({ path, outcome }) => [path, outcome])).toEqual([
      [`s3://${sourceBucket()}/photos/broken.jpg`, 'failed'],
      [`s3://${sourceBucket()}/photos/new.log`, 'compressed'],
      [undefined, undefined],
    ])
    expect(lines.at(-1)).toMatchObject({
      kind: 'summary',
      files: { total: 8, earlier: 6, failed: 1, compressed: 1 },
    })
  }, 300_000)

  test('limits of a manifest hold a run on this machine to them', async () => {
    const proxy = await startFaultProxy(services().s3.endpoint)
    try {
      for (let i = 0; i < 10; i += 1) await put(`photos/${i}.log`, fixtures.log({ seed: i }))
      const limit = 10
      const at: number[] = []
      proxy.faults = () => {
        at.push(performance.now())
        return undefined
      }
      const place = { endpoint: proxy.url }
      const manifest = {
        apiVersion: 'kompressor.dev/v1alpha1',
        kind: 'CompressionJob',
        metadata: { name: 'slowly' },
        spec: {
          source: { s3: { ...place, bucket: sourceBucket(), prefix: 'photos/' } },
          output: { s3: { ...place, bucket: outputBucket(), prefix: 'small/' } },
          compression: { data: {} },
          limits: { requestsPerSecond: limit },
        },
      }
      const file = join(folder, 'job.yaml')
      await writeFile(file, JSON.stringify(manifest))
      const command = ['run', '-f', file, '--slots', '2', '--state-dir', join(folder, 'state')]
      const { code, stderr } = await kompressor(command, { cwd: folder, env })
      expect(code, stderr).toBe(0)
      // A look, a read and a write for each, beside those of the plan and the notes.
      expect(at.length).toBeGreaterThan(30)
      const seconds = ((at.at(-1) ?? 0) - (at[0] ?? 0)) / 1000
      // A request that waited on its way may come late: the whole may not be much faster than the rate.
      expect(at.length / seconds).toBeLessThan(limit * 1.2)
    } finally {
      await proxy[Symbol.asyncDispose]()
    }
  }, 300_000)

  test('a CompressionJob runs without Kubernetes, from its manifest', async () => {
    await put('photos/a.log', fixtures.log())
    await put('photos/b.tmp', fixtures.log())
    const file = join(folder, 'job.yaml')
    const { endpoint } = services().s3
    const manifest = {
      apiVersion: 'kompressor.dev/v1alpha1',
      kind: 'CompressionJob',
      metadata: { name: 'nightly' },
      spec: {
        source: { s3: { bucket: sourceBucket(), prefix: 'photos/', endpoint, exclude: ['**/*.tmp'] } },
        output: { s3: { bucket: outputBucket(), prefix: 'small/', endpoint } },
        compression: { data: { codec: 'Gzip' } },
        scaling: { maxReplicas: 50, finishWithin: '8h' },
      },
    }
    await writeFile(file, JSON.stringify(manifest))
    const command = ['run', '-f', file, '--slots', '1', '--state-dir', join(folder, 'state')]
    const done = await kompressor(command, { cwd: folder, env })
    expect(done.code, done.stderr).toBe(0)
    expect((await to.list({})).items.map(({ key }) => key.replace(/nightly\.[0-9a-f]{8}/, 'JOB'))).toEqual([
      '.kompressor/JOB/index.ndjson.zst',
      expect.stringMatching(/^\.kompressor\/JOB\/ledger\//),
      '.kompressor/JOB/report.json',
      'small/a.log.gz',
    ])

    await writeFile(
      file,
      JSON.stringify({ ...manifest, spec: { ...manifest.spec, compression: { data: { level: 99 } } } }),
    )
    const wrong = await kompressor(command, { cwd: folder, env })
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(/^kompressor: spec\.compression\.data/)
  }, 300_000)

  test('a run that was interrupted goes on where it was', async () => {
    for (let i = 0; i < 40; i += 1)
      await put(
        `photos/${String(i).padStart(2, '0')}.jpg`,
        await fixtures.photo({ width: 900 + i, height: 700 }),
      )
    const interrupted = start(run(), { cwd: folder, env })
    await expect
      .poll(async () => (await to.list({ prefix: 'web/' })).items.length, { timeout: 120_000 })
      .toBeGreaterThan(3)
    interrupted.child.kill('SIGKILL')
    await interrupted.finished
    const before = (await to.list({ prefix: 'web/' })).items
    expect(before.length).toBeLessThan(40)
    const resumed = await kompressor(run('--json'), { cwd: folder, env })
    expect(resumed.code).toBe(0)
    const lines = jsonLines(resumed.stdout)
    expect(lines.filter(({ earlier }) => earlier === true).length).toBeGreaterThanOrEqual(before.length)
    expect(lines.at(-1)).toMatchObject({ files: { total: 40, failed: 0 } })
    const after = new Map(
      (await to.list({ prefix: 'web/' })).items.map((item) => [item.key, item.lastModified.getTime()]),
    )
    expect(after.size).toBe(40)
    for (const { key, lastModified } of before) expect(after.get(key)).toBe(lastModified.getTime())
  }, 300_000)

  test('what cannot work is said before anything is done', async () => {
    const missing = await kompressor(
      [
        'run',
        's3://no-such-bucket-here/',
        '--out',
        `s3://${outputBucket()}/`,
        '--s3-endpoint',
        services().s3.endpoint,
      ],
      { cwd: folder, env },
    )
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('no-such-bucket-here')])
    const template = await kompressor(run('--key-template', '{stem}'), { cwd: folder, env })
    expect([template.code, template.stderr]).toEqual([2, expect.stringContaining('would both become')])
    const overlap = await kompressor(
      [
        'run',
        `s3://${sourceBucket()}/a`,
        '--out',
        `s3://${sourceBucket()}/a/b`,
        '--s3-endpoint',
        services().s3.endpoint,
      ],
      { cwd: folder, env },
    )
    expect([overlap.code, overlap.stderr]).toEqual([2, expect.stringContaining('among the originals')])
  }, 120_000)
})
