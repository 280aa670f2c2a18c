import { afterEach, describe, expect, test, vi } from 'vitest'
import { createS3ObjectStore, type S3ObjectStoreOptions } from './create.ts'

const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' }
const noon = new Date('2030-01-01T12:00:00.500Z')
const inAnHour = new Date('2030-01-01T13:00:00.500Z')
const open = (options: Partial<S3ObjectStoreOptions>) =>
  createS3ObjectStore({ bucket: 'my-bucket', credentials, now: () => noon, ...options })

afterEach(() => vi.unstubAllEnvs())

describe('a bucket is addressed', () => {
  test.each([
    [{ region: 'eu-central-1' }, 'https://my-bucket.s3.eu-central-1.amazonaws.com/a'],
    [{ region: 'eu-central-1', pathStyle: true }, 'https://s3.eu-central-1.amazonaws.com/my-bucket/a'],
    [{ endpoint: 'http://minio:9000' }, 'http://minio:9000/my-bucket/a'],
    [{ endpoint: 'https://cdn.example.com', pathStyle: false }, 'https://my-bucket.cdn.example.com/a'],
    [
      { endpoint: 'http://minio:9000', publicEndpoint: 'https://s3.example.com' },
      'https://s3.example.com/my-bucket/a',
    ],
  ])('%j', async (options, expected) => {
    vi.stubEnv('AWS_REGION', '')
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
    const { url } = await (await open(options)).presignGet('a', { expiresAt: inAnHour })
    expect(url.split('?')[0]).toBe(expected)
  })

  test('in the region of the environment, also at an endpoint', async () => {
    vi.stubEnv('AWS_REGION', 'ap-south-1')
    for (const options of [{}, { endpoint: 'http://minio:9000' }]) {
      const { url } = await (await open(options)).presignGet('a', { expiresAt: inAnHour })
      expect(new URL(url).searchParams.get('X-Amz-Credential')).toContain('/ap-south-1/')
    }
  })

  test('in no region at all is refused', async () => {
    vi.stubEnv('AWS_REGION', '')
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
    await expect(open({})).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('AWS_REGION'),
    })
  })
})

describe('a signed URL', () => {
  const region = 'eu-central-1'

  test('binds size, type and checksum, and carries no checksum of nothing', async () => {
    const store = await open({ region })
    const sha256 = 'ab'.repeat(32)
    const put = await store.presignPut('a', {
      size: 5,
      contentType: 'image/png',
      sha256,
      expiresAt: inAnHour,
    })
    const query = new URL(put.url).searchParams
    expect(query.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host;x-amz-checksum-sha256')
    expect([...query.keys()].filter((name) => name.includes('checksum'))).toEqual([])
    expect(put.headers).toEqual({
      'content-type': 'image/png',
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    })
    const plain = await store.presignPut('a', { size: 5, expiresAt: inAnHour })
    expect(new URL(plain.url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host')
  })

  test.each([
    ['an hour', inAnHour, '3600', inAnHour],
    ['more than S3 takes', new Date('2031-01-01T00:00:00Z'), '604800', new Date('2030-01-08T12:00:00Z')],
  ])('works for %s', async (_, expiresAt, seconds, until) => {
    const { url, expiresAt: stated } = await (await open({ region })).presignGet('a', { expiresAt })
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe(seconds)
    expect(stated).toEqual(until)
  })

  test('for a time that has passed has expired', async () => {
    const expiresAt = new Date('2030-01-01T11:00:00Z')
    const { url } = await (await open({ region })).presignGet('a', { expiresAt })
    expect(new URL(url).searchParams.get('X-Amz-Date')).toBe('20300101T105959Z')
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('1')
  })
})
