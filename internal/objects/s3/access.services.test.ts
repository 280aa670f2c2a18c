import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, expect, test, vi } from 'vitest'
import { startFaultProxy } from '../../../test/support/fault-proxy.ts'
import { describeServices, services, useBucket } from '../../../test/support/services.ts'
import { bodyOf, expectCode, freshKey, readText } from '../contract/support.ts'
import { createS3ObjectStore, type S3ObjectStoreOptions } from './create.ts'
import type { S3ObjectStore } from './store.ts'

describeServices('access to S3', () => {
  const bucket = useBucket()
  let opened: S3ObjectStore[] = []
  afterEach(async () => {
    vi.unstubAllEnvs()
    for (const store of opened) await store.close()
    opened = []
  })
  async function open(options: Partial<S3ObjectStoreOptions> = {}): Promise<S3ObjectStore> {
    const { endpoint, region } = services().s3
    const store = await createS3ObjectStore({ endpoint, region, bucket: bucket(), ...options })
    opened.push(store)
    return store
  }

  test('credentials come from the chain of the AWS SDK', async () => {
    const { accessKeyId, secretAccessKey } = services().s3.credentials
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey)
    const store = await open()
    await store.check()
    const key = freshKey()
    await store.put(key, bodyOf('bytes'))
    expect(await readText(store, key)).toBe('bytes')
  })

  test('wrong ones are storage_denied, and a bucket that is not there is bucket_not_found', async () => {
    const wrong = await open({ credentials: { accessKeyId: 'kompressor', secretAccessKey: 'wrong' } })
    await expectCode(wrong.check(), 'storage_denied')
    await expectCode(wrong.list({}), 'storage_denied')
    await expectCode(wrong.put(freshKey(), bodyOf('x')), 'storage_denied')
    const { credentials } = services().s3
    const nowhere = await open({ bucket: 'no-such-bucket', credentials })
    await expectCode(nowhere.check(), 'bucket_not_found')
    await expectCode(nowhere.put(freshKey(), bodyOf('x')), 'bucket_not_found')
    await expectCode(nowhere.list({}), 'bucket_not_found')
  })

  test('a public bucket is read without any', async () => {
    const { credentials } = services().s3
    const owner = await open({ credentials })
    const key = freshKey()
    await owner.put(key, bodyOf('public'))
    const anonymous = await open({ credentials: 'anonymous' })
    await expectCode(anonymous.get(key), 'storage_denied')
    const client = new S3Client({ ...services().s3, forcePathStyle: true })
    const arn = `arn:aws:s3:::${bucket()}`
    const statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: ['s3:GetObject', 's3:ListBucket'],
      Resource: [arn, `${arn}/*`],
    }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    await client.send(new PutBucketPolicyCommand({ Bucket: bucket(), Policy }))
    client.destroy()
    expect(await readText(anonymous, key)).toBe('public')
    expect((await anonymous.list({ prefix: key })).items).toHaveLength(1)
    await expectCode(anonymous.put(freshKey(), bodyOf('x')), 'storage_denied')
  })

  test('URLs are signed for the endpoint that people reach', async () => {
    const proxy = await startFaultProxy(services().s3.endpoint)
    try {
      const { credentials } = services().s3
      const store = await open({ credentials, publicEndpoint: proxy.url })
      const key = freshKey()
      const put = await store.presignPut(key, { size: 5, expiresAt: new Date(Date.now() + 60_000) })
      expect(put.url.startsWith(`${proxy.url}/${bucket()}/`)).toBe(true)
      expect((await fetch(put.url, { method: 'PUT', body: 'bytes', headers: put.headers })).status).toBe(200)
      expect(proxy.seen).toHaveLength(1)
      expect(await readText(store, key)).toBe('bytes')
    } finally {
      await proxy[Symbol.asyncDispose]()
    }
  })
})
