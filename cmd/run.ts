import { isBucketUrl, runBucket } from '../internal/cli/bucket/index.ts'
import { processIo } from '../internal/cli/index.ts'
import { run as runFiles } from '../internal/cli/run/index.ts'
import { createCompressor } from '../internal/codec/index.ts'

/** `kompressor run PATH…` and `kompressor run s3://…`: compresses files and folders, or a bucket, on this machine. */
export async function run(argv: readonly string[]): Promise<number> {
  const io = processIo()
  if (!argv.some(isBucketUrl)) return runFiles(argv, io, { createCompressor })
  // A database and a broker: loaded when a bucket asks for them.
  const { runBucketJob } = await import('../internal/localjob/index.ts')
  return runBucket(argv, io, { runBucket: (job) => runBucketJob(job, process.env) })
}
