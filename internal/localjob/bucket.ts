import { type CodecLimits, type CompressionOptions, createCompressor } from '../codec/index.ts'
import type { ErrorBody } from '../errors/index.ts'
import type { LedgerLine } from '../ledger/index.ts'
import type { OutputRules } from '../messages/index.ts'
import { createS3ObjectStore } from '../objects/index.ts'
import { checkOverlap } from '../outputs/index.ts'
import type { SourceFilter } from '../source/index.ts'
import { createLogger, createMetrics, startTracing } from '../telemetry/index.ts'
import { type LocalProgress, runLocalJob } from './local-job.ts'

/** A place in a bucket, and how to reach it. Credentials come the way of the AWS SDK. */
interface BucketPlace {
  bucket: string
  prefix: string
  endpoint?: string
  region?: string
}

export interface BucketJob {
  /** Names the job's notes in the output bucket. */
  name: string
  source: BucketPlace
  output: BucketPlace
  filter: SourceFilter
  keyTemplate: string
  onExisting: 'Skip' | 'Overwrite'
  preserve: OutputRules['preserve']
  options: CompressionOptions
  limits: CodecLimits
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
  checkOverlap({ store: source.endpoint ?? 'aws', ...source }, { store: output.endpoint ?? 'aws', ...output })
  const logger = createLogger({ level: 'error', format: 'auto', destination: process.stderr })
  const tracing = await startTracing({
    serviceName: 'kompressor-run',
    env,
    onError: (error) => logger.warn({ error }, 'spans could not be sent'),
  })
  const from = await openBucket(source)
  const to = await openBucket(output)
  const close = async () => {
    await Promise.all([from.close(), to.close()])
    await tracing.shutdown()
  }
  const compressor = createCompressor({ slots: job.slots, memoryLimitBytes: job.memoryLimitBytes })
  try {
    await Promise.all([from.check(), to.check()])
    const outcome = await runLocalJob({
      name: job.name,
      source: { bucket: source.bucket, prefix: source.prefix, store: from, filter: job.filter },
      output: {
        prefix: output.prefix,
        keyTemplate: job.keyTemplate,
        onExisting: job.onExisting,
        preserve: job.preserve,
        store: to,
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

function openBucket({ prefix: _, ...where }: BucketPlace) {
  return createS3ObjectStore(where)
}

const listed: ReadonlySet<string> = new Set(['junk', 'archived_storage_class'])

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
    const facts = { path: `s3://${from}/${source.key}`, bytesIn: source.bytes, type }
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
