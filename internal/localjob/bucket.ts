import { type CodecLimits, type CompressionOptions, createCompressor } from '../codec/index.ts'
import type { ErrorBody } from '../errors/index.ts'
import { createFetcher, type Fetcher } from '../fetch/index.ts'
import type { LedgerLine } from '../ledger/index.ts'
import { createLimiter, type Limiter, type Limits } from '../limits/index.ts'
import type { OutputRules, SourceRules } from '../messages/index.ts'
import { createS3ObjectStore } from '../objects/index.ts'
import { checkOverlap } from '../outputs/index.ts'
import { createWebSource, type ReadRules } from '../source/index.ts'
import { createLogger, createMetrics, startTracing } from '../telemetry/index.ts'
import { type LocalProgress, runLocalJob } from './local-job.ts'

/** A bucket, and how to reach it. Credentials come the way of the AWS SDK. */
interface Bucket {
  bucket: string
  endpoint?: string
  region?: string
}

export interface BucketJob {
  /** Names the job's notes in the output bucket. */
  name: string
  source: SourceRules
  reads: ReadRules
  /** What is read: the source, or the bucket its list lies in. */
  from?: Bucket
  /** A list that lies in no bucket. */
  listText?: string
  /** Private networks whose addresses a list may name. */
  fetchAllow: readonly string[]
  output: Bucket & { prefix: string }
  /** Further buckets for every output. */
  replicas: readonly (Bucket & { prefix: string })[]
  keyTemplate: string
  onExisting: 'Skip' | 'Overwrite'
  preserve: OutputRules['preserve']
  options: CompressionOptions
  limits: CodecLimits
  /** What it may ask of stores and servers. */
  asks: Limits
  slots: number
  memoryLimitBytes: number
  stateDir: string
  stop: AbortSignal
  onProgress: (progress: ReturnType<typeof progressOf>) => void
}

/**
 * Runs a job from bucket to bucket in this process; undefined when it was interrupted. What goes wrong with the parts is
 * written to standard error from warnings on.
 */
export async function runBucketJob(job: BucketJob, env: NodeJS.ProcessEnv) {
  const { source, output } = job
  if (job.reads.kind === 'prefix') {
    const store = ({ endpoint = 'aws' }: { endpoint?: string } = {}) => endpoint
    checkOverlap({ store: store(job.from), ...source }, { store: store(output), ...output })
  }
  const limiter = createLimiter(job.asks)
  const fetcher = createFetcher({ allow: job.fetchAllow, limiter })
  const logger = createLogger({ level: 'error', format: 'auto', destination: process.stderr })
  const tracing = await startTracing({
    serviceName: 'kompressor-run',
    env,
    onError: (error) => logger.warn({ error }, 'spans could not be sent'),
  })
  const from = job.from && (await openBucket(job.from, limiter))
  const to = await openBucket(output, limiter)
  const replicas = await Promise.all(
    job.replicas.map(async ({ prefix, ...bucket }) => ({
      name: `${bucket.endpoint ?? 'AWS'}/${bucket.bucket}`,
      prefix,
      store: await openBucket(bucket, limiter),
    })),
  )
  const buckets = [from, to, ...replicas.map(({ store }) => store)]
  const close = async () => {
    fetcher.close()
    await Promise.all(buckets.map((bucket) => bucket?.close()))
    await tracing.shutdown()
  }
  const compressor = createCompressor({ slots: job.slots, memoryLimitBytes: job.memoryLimitBytes })
  try {
    await Promise.all(buckets.map((bucket) => bucket?.check()))
    const outcome = await runLocalJob({
      name: job.name,
      source: {
        ...source,
        reads: job.reads,
        ...(from && { store: from }),
        ...(job.listText !== undefined && { listText: job.listText }),
        files: job.reads.kind === 'prefix' && from !== undefined ? from : webSource(fetcher, job),
      },
      output: {
        prefix: output.prefix,
        keyTemplate: job.keyTemplate,
        onExisting: job.onExisting,
        preserve: job.preserve,
        store: to,
        replicas,
      },
      options: job.options,
      limits: job.limits,
      compressor,
      stateDir: job.stateDir,
      logger,
      metrics: createMetrics(),
      tracer: tracing.tracer,
      clock: () => new Date(),
      random: Math.random,
      stop: job.stop,
      onProgress: (progress) => job.onProgress(progressOf(progress)),
    })
    await compressor.close()
    if (outcome.kind === 'interrupted') {
      await close()
      return undefined
    }
    const { ledger, tallies, reportKey } = outcome
    const reasons = tallies.filter(({ kind }) => kind === 'reason')
    const before = reasons.find(({ name }) => name === 'done_before')
    return {
      reports: reportsOf(ledger.lines(), source.bucket, output.bucket),
      earlier: { files: before?.files ?? 0, bytesIn: before?.bytesIn ?? 0, bytesOut: before?.bytesOut ?? 0 },
      skipped: reasons
        .filter(({ name }) => listed.has(name))
        .map(({ name, files }) => ({ reason: name, files })),
      reportKey,
      close: async () => {
        await ledger.close()
        await close()
      },
    }
  } catch (error) {
    await compressor.close()
    await close()
    throw error
  }
}

function openBucket({ bucket, endpoint, region }: Bucket, limiter: Limiter) {
  return createS3ObjectStore({
    bucket,
    limiter,
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
  })
}

function webSource(fetcher: Fetcher, { limits }: BucketJob) {
  return createWebSource(fetcher, { maxBytes: limits.maxBytes, now: () => new Date() })
}

const listed: ReadonlySet<string> = new Set(['junk', 'archived_storage_class', 'duplicate'])

function progressOf({ plan, batch }: LocalProgress) {
  const done = { files: batch.completed + batch.failed, bytes: batch.bytesIn }
  return {
    found: { files: plan.foundFiles, bytes: plan.foundBytes },
    scanned: plan.complete,
    done,
    failed: batch.failed,
    bytesIn: batch.bytesIn,
    bytesOut: batch.bytesOut,
    worked: batch.bytesIn,
  }
}

type Report = {
  path: string
  bytesIn: number
  type: string | undefined
  ms: number
} & (
  | {
      outcome: 'compressed' | 'kept_original' | 'skipped'
      reason: string | undefined
      bytesOut: number
      output: string | undefined
      earlier: boolean
    }
  | { outcome: 'failed'; error: ErrorBody }
)

function* reportsOf(lines: Iterable<LedgerLine>, from: string, to: string): Generator<Report> {
  for (const line of lines) {
    if (line.outcome === 'retry' || line.outcome === 'cancelled') continue
    const { source, type } = line
    const facts = {
      path: from === '' ? source.key : `s3://${from}/${source.key}`,
      bytesIn: source.bytes,
      type,
    }
    if (line.outcome === 'failed') yield { ...facts, ms: 0, outcome: 'failed', error: line.error }
    else {
      const { output, outcome, reason, cpuMs, earlier = false } = line
      yield {
        ...facts,
        ms: cpuMs,
        outcome,
        reason,
        bytesOut: output?.bytes ?? source.bytes,
        output: output && `s3://${to}/${output.key}`,
        earlier,
      }
    }
  }
}
