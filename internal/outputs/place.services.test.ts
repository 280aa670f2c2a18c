import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startFaultProxy } from '../../test/support/fault-proxy.ts'
import { describeServices, services, useBucket } from '../../test/support/services.ts'
import { createS3ObjectStore } from '../objects/s3/index.ts'
import { placeOutput } from './place.ts'

describeServices('an output that is new', () => {
  const bucket = useBucket()

  test.each([
    ['honours conditions is written at once', true, ['PUT']],
    ['does not is looked for once more', false, ['HEAD', 'PUT']],
  ])('where the store %s', async (_, conditional, requests) => {
    const folder = await mkdtemp(join(tmpdir(), 'kompressor-place-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const proxy = await startFaultProxy(services().s3.endpoint)
    onTestFinished(() => proxy[Symbol.asyncDispose]())
    const store = await createS3ObjectStore({ ...services().s3, endpoint: proxy.url, bucket: bucket() })
    onTestFinished(() => store.close())
    const path = join(folder, 'output')
    await writeFile(path, 'bytes')
    const placed = await placeOutput(store, {
      key: `web/${conditional}.log.zst`,
      file: { name: 'a.log.zst', type: 'application/zstd', bytes: 5, sha256: 'ab', path },
      source: {},
      rules: { prefix: 'web/', keyTemplate: '{path}{newext}', onExisting: 'Skip', preserve: [] },
      marks: { identity: 'i', jobUid: 'j', source: 's' },
      found: undefined,
      conditional,
    })
    expect(placed.kind).toBe('written')
    expect(proxy.seen.map(({ method }) => method)).toEqual(requests)
  })
})
