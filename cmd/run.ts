import { isBucketUrl, isManifestRun, runBucket, runManifest } from '../internal/cli/bucket/index.ts'
import { processIo } from '../internal/cli/index.ts'
import { run as runFiles } from '../internal/cli/run/index.ts'
import { createCompressor } from '../internal/codec/index.ts'

/** `kompressor run PATH…`, `s3://…` and `-f job.yaml`: compresses files and folders, or a bucket, on this machine. */
export async function run(argv: readonly string[]): Promise<number> {
  const io = processIo()
  const isManifest = argv.some(isManifestRun)
  if (!isManifest && !argv.some(isBucketUrl)) return runFiles(argv, io, { createCompressor })
  // A database and a broker: loaded when a bucket asks for them.
  const { runBucketJob } = await import('../internal/localjob/index.ts')
  const dependencies = {
    runBucket: (job: Parameters<typeof runBucketJob>[0]) => runBucketJob(job, process.env),
  }
  if (!isManifest) return runBucket(argv, io, dependencies)
  const { readManifest } = await import('../internal/operator/index.ts')
  return runManifest(argv, io, { ...dependencies, readManifest })
}
