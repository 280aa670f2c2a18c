import { runEstimate } from '../internal/cli/estimate/index.ts'
import { processIo } from '../internal/cli/index.ts'
import { createCompressor } from '../internal/codec/index.ts'

/** `kompressor estimate FOLDER` and `s3://…`: what compressing would save and cost, from a sample. */
export function estimate(argv: readonly string[]): Promise<number> {
  return runEstimate(argv, processIo(), {
    createCompressor,
    openBucket: async (where) => {
      // The SDK of S3 takes its time: loaded when a bucket asks for it.
      const { createS3ObjectStore } = await import('../internal/objects/index.ts')
      const store = await createS3ObjectStore(where)
      try {
        await store.check()
        return store
      } catch (error) {
        await store.close()
        throw error
      }
    },
    clock: () => new Date(),
  })
}
