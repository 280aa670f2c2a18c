import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { attributesContract } from './contract/attributes.ts'
import { conditionsContract } from './contract/conditions.ts'
import { failuresContract } from './contract/failures.ts'
import { filesContract } from './contract/files.ts'
import { keysContract } from './contract/keys.ts'
import { listingContract } from './contract/listing.ts'
import { multipartContract } from './contract/multipart.ts'
import { presignContract } from './contract/presign.ts'
import { streamsContract } from './contract/streams.ts'
import { Bench, type StoreUnderTest } from './contract/support.ts'

export type { ServerLimits, StoreUnderTest } from './contract/support.ts'

/**
 * What every object store promises. An adapter's test calls it with a function that starts a store whose presigned URLs
 * can be fetched:
 *
 *     describeObjectStore('S3', async () => ({ store: await createS3ObjectStore(…), stop: () => server.stop() }))
 */
export function describeObjectStore(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(`${name} object store`, () => {
    const bench = new Bench()

    beforeAll(async () => {
      bench.open(await makeStore(), await mkdtemp(join(tmpdir(), 'kompressor-objects-')))
    })
    afterAll(async () => {
      const { stop, folder } = bench.close()
      await stop()
      await rm(folder, { recursive: true })
    })

    describe('streams', () => streamsContract(bench))
    describe('attributes', () => attributesContract(bench))
    describe('conditions and concurrency', () => conditionsContract(bench))
    describe('failures', () => failuresContract(bench))
    describe('local files', () => filesContract(bench))
    describe('keys', () => keysContract(bench))
    describe('listing', () => listingContract(bench))
    describe('presigned URLs', () => presignContract(bench))
    describe('uploads in parts', () => multipartContract(bench))
  })
}
