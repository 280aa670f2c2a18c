import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { CodecLimits, CompressionOptions } from '../../codec/index.ts'
import { type ConfigOf, type Environment, loadConfig } from '../../config/index.ts'
import { exitCodeOf, listenForInterrupt } from '../interrupt.ts'
import type { Io } from '../io.ts'
import { toCompressionOptions } from '../options/compression.ts'
import { fileLine, summaryLine } from '../run/json.ts'
import type { ProgressState } from '../run/progress.ts'
import { showProgress } from '../run/progress-view.ts'
import type { FileReport } from '../run/report.ts'
import { renderSummary } from '../run/summary.ts'
import { Tally } from '../run/tally.ts'
import { styleFor } from '../terminal/output.ts'
import { runBucketCommand } from './command.ts'
import { type BucketLocation, parseBucketUrl } from './location.ts'

type Config = ConfigOf<typeof runBucketCommand.options>

/** A bucket, and how to reach it. */
export interface Bucket {
  bucket: string
  endpoint?: string
  region?: string
}

export interface BucketFilter {
  include: string[]
  exclude: string[]
  /** Bytes. */
  minSize?: number | undefined
  maxSize?: number | undefined
  modifiedAfter?: Date | undefined
  storageClasses: string[]
}

/** What of it is read. */
export type Reads =
  | { kind: 'prefix'; filter: BucketFilter }
  | {
      kind: 'csv'
      name: string
      key?: string | undefined
      rules: { header: boolean; delimiter: string; columns: { url: string; key?: string | undefined } }
    }
  | { kind: 'urls'; urls: string[] }

const preserved = ['UserMetadata', 'CacheControl', 'ContentDisposition', 'Tags', 'StorageClass'] as const
type Preserved = (typeof preserved)[number]

/** What a run over a bucket is to do, as the command line or a manifest says it. */
export interface BucketRun {
  /** Names the run's notes in the output bucket. */
  name: string
  /** What keys are parts of; empty where files are at addresses. */
  source: BucketLocation
  reads: Reads
  /** What is read: the source, or the bucket its list lies in. */
  from?: Bucket
  /** A list that lies in no bucket. */
  listText?: string
  /** Private networks whose addresses a list may name. */
  fetchAllow: readonly string[]
  output: Bucket & BucketLocation
  /** Further buckets for every output. */
  replicas: readonly (Bucket & BucketLocation)[]
  keyTemplate: string
  onExisting: 'Skip' | 'Overwrite'
  preserve: Preserved[]
  options: CompressionOptions
  limits: CodecLimits
  /** What the run may ask of stores and servers. */
  asks: { requestsPerSecond?: number | undefined; bytesPerSecond?: number | undefined }
  slots: number
  memoryLimitBytes: number
  stateDir: string
  stop: AbortSignal
  onProgress: (progress: Omit<ProgressState, 'elapsedMs'>) => void
}

export interface BucketOutcome {
  /** What became of every object that was worked on, in the order of their keys. */
  reports: Iterable<FileReport>
  /** What an earlier run had done. */
  earlier: { files: number; bytesIn: number; bytesOut: number }
  /** Objects skipped while listing, by why. */
  skipped: readonly { reason: string; files: number }[]
  /** Where the report is. */
  reportKey: string
  close(): Promise<void>
}

export interface RunBucketDependencies {
  /** Undefined: it was interrupted. */
  runBucket(run: BucketRun): Promise<BucketOutcome | undefined>
}

/**
 * `kompressor run s3://…`.
 *
 * @returns the exit code: 0, 1 when objects failed, 128 + the signal's number when it was interrupted
 * @throws KompressorError invalid_configuration, data_dir_in_use, and what the store says about its buckets
 */
export async function runBucket(
  argv: readonly string[],
  io: Io,
  dependencies: RunBucketDependencies,
): Promise<number> {
  const { config, positionals, warnings } = loadConfig(runBucketCommand, argv, io.env)
  for (const warning of warnings) io.stderr.write(`kompressor: ${warning}\n`)
  const run = runOf(config, positionals[0] ?? '')
  const stateDir = config.stateDir ?? defaultStateDir(io.env, [run.source, run.output, config])
  return conduct({ ...run, stateDir }, config, io, dependencies)
}

/** What is shown, beside what is done. */
export interface Shown {
  json: boolean
  quiet: boolean
}

/** Runs it, shows how far it is and sums up. Returns the exit code. */
export async function conduct(
  run: Omit<BucketRun, 'stop' | 'onProgress'>,
  shown: Shown,
  io: Io,
  dependencies: RunBucketDependencies,
): Promise<number> {
  const began = io.now()
  let progress: Omit<ProgressState, 'elapsedMs'> = nothingYet
  const live = io.stderr.isTTY === true && io.env.TERM !== 'dumb'
  const view = shown.quiet
    ? { note: () => undefined, stop: () => undefined }
    : showProgress(io.stderr, live, () => ({ ...progress, elapsedMs: io.now() - began }))
  const interrupt = listenForInterrupt({
    now: io.now,
    onFirst: () => view.note('Finishing the files in work; press Ctrl-C again to stop at once.'),
  })
  interrupt.kill.addEventListener('abort', () => process.exit(exitCodeOf(interrupt.received ?? 'SIGTERM')))
  let outcome: BucketOutcome | undefined
  try {
    outcome = await dependencies.runBucket({
      ...run,
      stop: interrupt.stop,
      onProgress: (now) => {
        progress = now
      },
    })
  } finally {
    view.stop()
  }
  if (outcome === undefined) {
    io.stderr.write('Interrupted: run the same command again to go on from here.\n')
    return exitCodeOf(interrupt.received ?? 'SIGTERM')
  }
  interrupt.dispose()
  try {
    const failed = conclude(io, shown, outcome, { output: run.output, elapsedMs: io.now() - began })
    await rm(run.stateDir, { recursive: true, force: true })
    return failed > 0 ? 1 : 0
  } finally {
    await outcome.close()
  }
}

const nothingYet: Omit<ProgressState, 'elapsedMs'> = {
  found: { files: 0, bytes: 0 },
  scanned: false,
  done: { files: 0, bytes: 0 },
  failed: 0,
  bytesIn: 0,
  bytesOut: 0,
  worked: 0,
}

/** The same command line finds the same folder, and goes on in it. */
export function defaultStateDir(env: Environment, what: unknown): string {
  const base = env.XDG_STATE_HOME || path.join(env.HOME || os.homedir(), '.local', 'state')
  const name = createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16)
  return path.join(base, 'kompressor', `run-${name}`)
}

function runOf(config: Config, from: string) {
  const { include, exclude, minSize, keyTemplate, s3Endpoint, s3Region } = config
  const connection = {
    ...(s3Endpoint !== undefined && { endpoint: s3Endpoint }),
    ...(s3Region !== undefined && { region: s3Region }),
  }
  const source = parseBucketUrl(from)
  const filter = { include: [...include], exclude: [...exclude], minSize, storageClasses: ['STANDARD'] }
  return {
    name: 'run',
    source,
    reads: { kind: 'prefix' as const, filter },
    from: { bucket: source.bucket, ...connection },
    fetchAllow: [],
    asks: {},
    replicas: [],
    output: { ...parseBucketUrl(config.out), ...connection },
    keyTemplate,
    onExisting: config.overwrite ? ('Overwrite' as const) : ('Skip' as const),
    preserve: [...preserved],
    options: toCompressionOptions(config),
    ...machineOf(config),
  }
}

/** What the run may take of this machine. */
export function machineOf({
  maxPixels,
  maxFileSize,
  slots,
  memoryLimit,
}: Pick<Config, 'maxPixels' | 'maxFileSize' | 'slots' | 'memoryLimit'>) {
  return { limits: { maxPixels, maxBytes: maxFileSize }, slots, memoryLimitBytes: memoryLimit }
}

/** Sums up, and returns how many failed. */
function conclude(
  io: Io,
  shown: Shown,
  { reports, earlier, skipped, reportKey }: BucketOutcome,
  { output, elapsedMs }: { output: BucketLocation; elapsedMs: number },
): number {
  const tally = new Tally()
  for (const report of reports) {
    tally.add(report)
    if (shown.json) io.stdout.write(`${fileLine(report)}\n`)
  }
  tally.addEarlier(earlier)
  for (const { reason, files } of skipped) tally.addSkipped(reason, files)
  if (shown.json) {
    io.stdout.write(`${summaryLine(tally, { elapsedMs, interrupted: false })}\n`)
    return tally.total.failed
  }
  const style = styleFor(shown.quiet ? io.stderr : io.stdout)
  const facts = {
    tally,
    elapsedMs,
    interrupted: false,
    destinations: [`s3://${output.bucket}/${output.prefix}`],
    journals: [`s3://${output.bucket}/${reportKey}`],
  }
  const text = `${renderSummary(facts, style).join('\n')}\n`
  if (!shown.quiet) io.stdout.write(text)
  else if (tally.total.failed > 0) io.stderr.write(text)
  return tally.total.failed
}
