import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { v7 as uuidv7 } from 'uuid'
import { createApi } from '../api/index.ts'
import { createEmbeddedBroker } from '../broker/index.ts'
import { createCompressor, predictUploadCost } from '../codec/index.ts'
import type { StandaloneConfig } from '../config/index.ts'
import { startProjector, startRelay, startSweeper } from '../delivery/index.ts'
import { toKompressorError } from '../errors/index.ts'
import { deadLetterTopic, reportTopic } from '../messages/index.ts'
import { createFsObjectStore } from '../objects/index.ts'
import { configureJob, countFilesByState, createPGliteStore, isUnwanted } from '../store/index.ts'
import type { Logger, Metrics, Tracer } from '../telemetry/index.ts'
import { startWorker } from '../worker/index.ts'
import { openDataDir } from './data-dir.ts'
import { supervise } from './supervise.ts'

export interface StandaloneDeps {
  logger: Logger
  metrics: Metrics
  tracer: Tracer
}

export interface Standalone {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Refuses new requests, gives files at work up to `graceMs`, closes everything. Repeatable. */
  stop(options?: { graceMs?: number }): Promise<void>
}

/**
 * Starts without an outcome before a file counts as poison. More than a cluster's three: children crash without the
 * process, so when the whole process ends, a person or the system ended it, and the files in work are innocent.
 */
const maxStarts = 10

/** The ingest job every install has; made by the first migration. */
const jobUid = 'default'

/**
 * The whole service in one process: the same parts as in a cluster, over PGlite, the file system and the embedded
 * broker. Parts are started in the order of their needs and stopped in reverse; a start that fails stops what it
 * started.
 */
export async function startStandalone(config: StandaloneConfig, deps: StandaloneDeps): Promise<Standalone> {
  const started: ((graceMs: number) => Promise<void>)[] = []
  let stopping: Promise<void> | undefined
  const stop = ({ graceMs = 0 } = {}) => {
    stopping ??= stopAll(started.reverse(), graceMs)
    return stopping
  }
  try {
    const url = await start(config, deps, (stopPart) => started.push(stopPart))
    return { url, stop }
  } catch (error) {
    await stop().catch((fault: unknown) => {
      deps.logger.warn({ error: fault }, 'what had been started did not stop cleanly')
    })
    throw error
  }
}

/** Stops every part, whatever becomes of the others; rejects at the end if one did not stop cleanly. */
async function stopAll(
  parts: readonly ((graceMs: number) => Promise<void>)[],
  graceMs: number,
): Promise<void> {
  const errors: unknown[] = []
  for (const stopPart of parts) await stopPart(graceMs).catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors)
}

async function start(
  config: StandaloneConfig,
  { logger, metrics, tracer }: StandaloneDeps,
  onStop: (stopPart: (graceMs: number) => Promise<void>) => void,
): Promise<string> {
  const clock = () => new Date()
  const durable = config.durability === 'on'
  let address = ''
  const publicUrl = () => config.publicUrl?.replace(/\/$/, '') ?? address

  const dataDir = await openDataDir(config.dataDir)
  onStop(async () => dataDir.unlock())
  const compressor = createCompressor({
    slots: config.slots,
    memoryLimitBytes: config.memoryLimit,
    childEnv: { NODE_COMPILE_CACHE: dataDir.cache },
    onChildStart: ({ reason }) => metrics.poolStarts.inc({ reason }),
    log: (level, message, fields) => logger[level](fields, message),
  })
  onStop((graceMs) => compressor.close({ graceMs }))
  const store = await createPGliteStore({ dataDir: dataDir.database, durable })
  onStop(() => store.close())
  const objects = await createFsObjectStore({
    root: dataDir.objects,
    durable,
    secret: dataDir.secret,
    publicUrl,
  })
  onStop(() => objects.close())
  const broker = await createEmbeddedBroker({ db: store.client })
  onStop(() => broker.close())

  const { partitions, maxAttempts } = config
  const job = await configureJob(store.db, jobUid, { partitions, maxAttempts })
  await broker.ensureTopic(job.topic, { partitions: job.partitions })
  await broker.ensureTopic(reportTopic, { partitions: 1 })
  await broker.ensureTopic(deadLetterTopic, { partitions: 1 })

  const delivery = { store, broker, clock, logger, metrics, tracer }
  const projector = await supervise({
    name: 'projector',
    logger,
    start: (onCrash) => startProjector({ ...delivery, random: Math.random, onCrash }),
  })
  onStop((graceMs) => projector.stop({ graceMs }))
  const worker = await supervise({
    name: 'worker',
    logger,
    start: (onCrash) =>
      startWorker({
        broker,
        objects,
        compressor,
        topic: job.topic,
        group: job.consumerGroup,
        control: { isUnwanted: (work) => isUnwanted(store.db, work) },
        limits: { maxPixels: config.maxPixels, maxBytes: config.maxFileSize },
        scratchDir: dataDir.scratch,
        maxStarts,
        name: 'standalone',
        onCrash,
        clock,
        logger,
        metrics,
        tracer,
      }),
  })
  onStop((graceMs) => worker.stop({ graceMs }))
  const relay = await startRelay({ ...delivery, wantedSlots: () => config.slots })
  onStop(() => relay.stop())
  const sweeper = startSweeper({
    ...delivery,
    objects,
    orphanAgeMs: config.orphanAge,
    idempotencyRetentionMs: config.idempotencyRetention,
  })
  onStop(() => sweeper.stop())
  onStop(
    asyncStop(
      metrics.onCollect('files', async () => {
        for (const { state, count } of await countFilesByState(store.db)) metrics.files.set({ state }, count)
      }),
    ),
  )

  const api = createApi({
    store,
    objects,
    signedUrls: objects,
    metrics,
    logger,
    tracer,
    clock,
    ids: uuidv7,
    limits: { maxFileBytes: config.maxFileSize },
    publicUrl,
    retainMs: config.retain,
    uploadExpiryMs: config.uploadExpiry,
    predictCost: predictUploadCost,
    checks: {
      database: async () => {
        await store.db.execute('select 1')
      },
    },
  })
  const server = createServer()
  api.attachTo(server)
  onStop(() => api.close())
  address = await listen(server, config)
  return address
}

function asyncStop(stop: () => void): () => Promise<void> {
  return async () => stop()
}

async function listen(server: Server, { host, port }: StandaloneConfig): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  try {
    await promise
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw toKompressorError(
      new Error(`cannot listen on ${host}:${port}: ${reason}`, { cause: error }),
      'invalid_configuration',
    )
  }
  return urlOf(server.address())
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return ''
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}
