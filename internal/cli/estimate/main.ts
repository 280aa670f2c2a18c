import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Compressor } from '../../codec/index.ts'
import { type ConfigOf, loadConfig } from '../../config/index.ts'
import { type Estimate, estimate, Frame, planSample } from '../../estimate/index.ts'
import type { ObjectStore } from '../../objects/index.ts'
import {
  bucketSource,
  listBucket,
  type SkippedObjects,
  type SurveySource,
  survey,
} from '../../survey/index.ts'
import { isBucketUrl, parseBucketUrl } from '../bucket/location.ts'
import { exitCodeOf, listenForInterrupt } from '../interrupt.ts'
import type { Io } from '../io.ts'
import { toCompressionOptions } from '../options/compression.ts'
import { plural } from '../terminal/format.ts'
import { styleFor } from '../terminal/output.ts'
import { estimateBucketCommand, estimateCommand } from './command.ts'
import { writeExamples } from './examples.ts'
import { folderNamed, folderSource, listFolder } from './folder.ts'
import { type estimateOptions, pricesOf } from './options.ts'
import { type Progress, showSurvey } from './progress.ts'
import { renderEstimate } from './render.ts'

type Config = ConfigOf<typeof estimateOptions>

export interface EstimateDependencies {
  createCompressor(options: { slots: number; memoryLimitBytes: number }): Compressor
  /** Rejects with what is wrong with the bucket. */
  openBucket(where: {
    bucket: string
    endpoint?: string
    region?: string
  }): Promise<Pick<ObjectStore, 'list' | 'getFile'> & { close(): Promise<void> }>
  clock: () => Date
}

/** What is estimated, as soon as it can be reached. */
interface Subject {
  shown: string
  list(frame: Frame<string>, signal: AbortSignal): Promise<SkippedObjects>
  source: SurveySource<string>
  close(): Promise<void>
}

/**
 * `kompressor estimate`.
 *
 * @returns the exit code: 0, or 128 + the signal's number when it was interrupted
 * @throws KompressorError invalid_configuration: something about the command line; what the store says about its bucket;
 * storage_full, storage_unavailable
 */
export async function runEstimate(
  argv: readonly string[],
  io: Io,
  dependencies: EstimateDependencies,
): Promise<number> {
  const { config, subject } = await read(argv, io, dependencies)
  const interrupt = listenForInterrupt({ now: io.now, onFirst: () => undefined })
  interrupt.kill.addEventListener('abort', () => process.exit(exitCodeOf(interrupt.received ?? 'SIGTERM')))
  try {
    await estimateSubject(subject, config, io, dependencies, interrupt.stop)
    interrupt.dispose()
    return 0
  } catch (error) {
    if (interrupt.received === undefined) throw error
    io.stderr.write('Interrupted: nothing was estimated.\n')
    return exitCodeOf(interrupt.received)
  } finally {
    await subject.close()
  }
}

async function read(argv: readonly string[], io: Io, dependencies: EstimateDependencies) {
  const toldOf = (warnings: readonly string[]) => {
    for (const warning of warnings) io.stderr.write(`kompressor: ${warning}\n`)
  }
  if (argv.some(isBucketUrl)) {
    const { config, positionals, warnings } = loadConfig(estimateBucketCommand, argv, io.env)
    toldOf(warnings)
    return { config, subject: await openBucketSubject(positionals[0] ?? '', config, dependencies) }
  }
  const { config, positionals, warnings } = loadConfig(estimateCommand, argv, io.env)
  toldOf(warnings)
  const given = positionals[0] ?? ''
  const root = await folderNamed(given)
  const options = toCompressionOptions(config)
  const subject: Subject = {
    shown: given,
    list: (frame, signal) => listFolder(frame, root, { options, now: dependencies.clock(), signal }),
    source: folderSource,
    close: async () => undefined,
  }
  return { config, subject }
}

async function openBucketSubject(
  url: string,
  config: ConfigOf<typeof estimateBucketCommand.options>,
  { openBucket, clock }: EstimateDependencies,
): Promise<Subject> {
  const { bucket, prefix } = parseBucketUrl(url)
  const { include, exclude, minSize, s3Endpoint, s3Region, storageClass } = config
  const store = await openBucket({
    bucket,
    ...(s3Endpoint !== undefined && { endpoint: s3Endpoint }),
    ...(s3Region !== undefined && { region: s3Region }),
  })
  const filter = {
    include: [...include],
    exclude: [...exclude],
    minSize,
    storageClasses: storageClass.length > 0 ? [...storageClass] : ['STANDARD'],
  }
  const options = toCompressionOptions(config)
  return {
    shown: `s3://${bucket}/${prefix}`,
    list: (frame, signal) => listBucket(frame, { store, prefix, filter, options, now: clock(), signal }),
    source: bucketSource(store),
    close: () => store.close(),
  }
}

async function estimateSubject(
  subject: Subject,
  config: Config,
  io: Io,
  { createCompressor, clock }: EstimateDependencies,
  signal: AbortSignal,
): Promise<void> {
  const frame = new Frame<string>({ sampleSize: config.sample, seed: config.seed })
  const progress: Progress = { found: frame.total, looked: 0, of: undefined }
  const view = showSurvey(io, config.quiet, progress)
  const scratchDir = await mkdtemp(path.join(tmpdir(), 'kompressor-estimate-'))
  const compressor = createCompressor({ slots: config.slots, memoryLimitBytes: config.memoryLimit })
  let result: Estimate
  let skipped: SkippedObjects
  let pairs: number | undefined
  try {
    skipped = await subject.list(frame, signal)
    const plan = planSample(frame)
    progress.of = plan.reduce((sum, { sample }) => sum + sample.length, 0)
    const surveying = {
      source: subject.source,
      compressor,
      options: toCompressionOptions(config),
      limits: { maxPixels: config.maxPixels, maxBytes: config.maxFileSize },
      scratchDir,
      signal,
    }
    const looked = await survey(plan, surveying, () => {
      progress.looked += 1
    })
    result = estimate(frame, plan, (file) => looked.get(file) ?? { kind: 'unreadable' }, {
      seed: config.seed,
      prices: pricesOf(config),
      replicas: config.replicas,
      slots: config.replicaSlots ?? config.slots,
      oldVersionDays: (config.oldVersions ?? 0) / 86_400_000,
      at: clock(),
    })
    if (config.examples !== undefined) {
      pairs = await writeExamples(config.examples, result, plan, surveying)
    }
  } finally {
    view.stop()
    await compressor.close()
    await rm(scratchDir, { recursive: true, force: true })
  }
  if (config.json) io.stdout.write(`${JSON.stringify(result)}\n`)
  else {
    const lines = renderEstimate(result, { shown: subject.shown, skipped }, styleFor(io.stdout))
    io.stdout.write(`${lines.join('\n')}\n`)
  }
  if (pairs !== undefined && !config.quiet) {
    io.stderr.write(`${plural(pairs, 'pair')} of examples written to ${config.examples}\n`)
  }
}
