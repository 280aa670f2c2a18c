import { describeServices, services, useBucket } from '../../../test/support/services.ts'
import { describeObjectStore } from '../contract.ts'
import { createS3ObjectStore } from './create.ts'

describeServices('on a real server', () => {
  const bucket = useBucket()
  describeObjectStore('S3', async () => {
    const store = await createS3ObjectStore({ ...services().s3, bucket: bucket() })
    // Of versitygw 1.8 over a folder.
    const limits = { keysArePaths: true, oneStorageClass: true, takesCutBodies: true }
    return { store, stop: () => store.close(), limits }
  })
})
