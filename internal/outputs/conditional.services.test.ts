import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../test/support/fault-proxy.ts'
import { describeServices, services, useBucket } from '../../test/support/services.ts'
import { createS3ObjectStore } from '../objects/s3/index.ts'
import { honoursConditions } from './conditional.ts'

describeServices('whether a store honours conditions on writes', () => {
  const bucket = useBucket()
  let proxy: FaultProxy
  beforeEach(async () => {
    proxy = await startFaultProxy(services().s3.endpoint)
  })
  afterEach(() => proxy[Symbol.asyncDispose]())

  test.each([
    ['one that does', true],
    ['one that knows none', false],
  ])('is found out by writing twice: %s', async (_, honours) => {
    const unknown = {
      kind: 'answer',
      status: 501,
      body: '<Error><Code>NotImplemented</Code></Error>',
    } as const
    proxy.faults = ({ headers }) => (!honours && headers['if-none-match'] !== undefined ? unknown : undefined)
    const store = await createS3ObjectStore({ ...services().s3, endpoint: proxy.url, bucket: bucket() })
    try {
      expect(await honoursConditions(store, 'a-worker')).toBe(honours)
      expect((await store.list({})).items).toEqual([])
    } finally {
      await store.close()
    }
  })
})
