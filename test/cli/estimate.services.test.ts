import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { estimateSchema } from '../../internal/estimate/index.ts'
import { createS3ObjectStore, type S3ObjectStore } from '../../internal/objects/index.ts'
import { fixtures } from '../fixtures/index.ts'
import { describeServices, services, useBucket } from '../support/services.ts'
import { kompressor } from './command.ts'

describeServices('kompressor estimate s3://', () => {
  const bucket = useBucket()
  let folder: string
  let store: S3ObjectStore
  let env: Record<string, string>

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kompressor-estimate-'))
    const { s3 } = services()
    store = await createS3ObjectStore({ ...s3, bucket: bucket() })
    const { accessKeyId, secretAccessKey } = s3.credentials
    env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: s3.region }
  })
  afterEach(async () => {
    await store.delete((await store.list({})).items.map(({ key }) => key))
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  const put = (key: string, bytes: Buffer) => store.put(key, Readable.from([bytes]))
  const estimateOf = (prefix: string, ...more: string[]) =>
    kompressor(
      [
        'estimate',
        `s3://${bucket()}/${prefix}`,
        '--s3-endpoint',
        services().s3.endpoint,
        '--slots',
        '2',
        ...more,
      ],
      { cwd: folder, env },
    )

  test('what is below a prefix is estimated, by what a job would read of it, and nothing is written', async () => {
    await put('photos/2024/a.jpg', await fixtures.photo({ width: 640, height: 480, quality: 97 }))
    for (let i = 0; i < 30; i += 1)
      await put(`photos/logs/${i}.log`, fixtures.log({ bytes: 9_000 + i, seed: i }))
    await put('photos/raw/x.bin', fixtures.incompressible())
    await put('photos/.DS_Store', Buffer.from('junk'))
    await put('photos/.kompressor/run/report.json', Buffer.from('{}'))
    await put('elsewhere/b.log', fixtures.log())
    const before = (await store.list({})).items
    const { code, stdout, stderr } = await estimateOf(
      'photos',
      '--exclude',
      'raw/**',
      '--sample',
      '12',
      '--json',
      '--quiet',
    )
    expect([code, stderr]).toEqual([0, ''])
    expect((await store.list({})).items).toEqual(before)
    expect(await readdir(folder)).toEqual([])
    const result = estimateSchema.parse(JSON.parse(stdout))
    expect(result.found.files).toBe(31)
    expect(result.sample.files).toBeLessThan(31)
    expect(result.byPrefix.map(({ name }) => name).sort()).toEqual(['2024/', 'logs/'])
    expect(result.saved.value).toBeGreaterThan(result.found.bytes / 4)
    expect(result.examples.best[0]?.path).toMatch(/^(logs|2024)\//)
    expect(result.money.requests).toBeGreaterThan(0)
    const shown = await estimateOf('photos')
    expect(shown.stdout).toContain(`in s3://${bucket()}/photos/`)
    expect(shown.stdout).toContain('1 file left out: left behind by an operating system')
  })

  test('a bucket that is not there is named', async () => {
    const { code, stderr } = await kompressor(
      ['estimate', 's3://there-is-none-of-this-name/', '--s3-endpoint', services().s3.endpoint],
      { cwd: folder, env },
    )
    expect(stderr).toContain('There is no bucket there-is-none-of-this-name')
    expect(code).toBe(1)
  })
})
