import { createEmbeddedBroker } from '../broker/index.ts'
import type { StandaloneConfig } from '../config/index.ts'
import { deadLetterTopic, reportTopic } from '../messages/index.ts'
import { createFsObjectStore } from '../objects/index.ts'
import { deliveryRoles, startDelivery } from '../process/delivery.ts'
import { prepareHttp } from '../process/http.ts'
import { type Assembled, assemble, type OnStop } from '../process/index.ts'
import { startPool, startWork } from '../process/work.ts'
import { configureJob, createPGliteStore, isUnwanted } from '../store/index.ts'
import type { Logger, Metrics, Tracer } from '../telemetry/index.ts'
import { openDataDir } from './data-dir.ts'

export interface StandaloneDeps {
  logger: Logger
  metrics: Metrics
  tracer: Tracer
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
 * broker.
 */
export function startStandalone(config: StandaloneConfig, deps: StandaloneDeps): Promise<Assembled> {
  return assemble(deps.logger, (onStop) => build(config, deps, onStop))
}

async function build(
  config: StandaloneConfig,
  { logger, metrics, tracer }: StandaloneDeps,
  onStop: OnStop,
): Promise<string> {
  const clock = () => new Date()
  const durable = config.durability === 'on'
  const http = prepareHttp(config, onStop)

  const dataDir = await openDataDir(config.dataDir)
  onStop('data directory', async () => dataDir.unlock())
  const { slots, memoryLimit } = config
  const compressor = startPool({ slots, memoryLimit, cacheDir: dataDir.cache, logger, metrics }, onStop)
  const store = await createPGliteStore({ dataDir: dataDir.database, durable })
  onStop('store', () => store.close())
  const objects = await createFsObjectStore({
    root: dataDir.objects,
    durable,
    secret: dataDir.secret,
    publicUrl: http.publicUrl,
  })
  onStop('objects', () => objects.close())
  const broker = await createEmbeddedBroker({ db: store.client })
  onStop('broker', () => broker.close())

  const { partitions, maxAttempts } = config
  const job = await configureJob(store.db, jobUid, { partitions, maxAttempts })
  await broker.ensureTopic(job.topic, { partitions: job.partitions })
  await broker.ensureTopic(reportTopic, { partitions: 1 })
  await broker.ensureTopic(deadLetterTopic, { partitions: 1 })

  const delivery = { store, broker, clock, logger, metrics, tracer }
  const { orphanAge: orphanAgeMs, idempotencyRetention: idempotencyRetentionMs } = config
  // Before the worker, so that it stops after it and folds what the worker said last.
  await startDelivery(
    new Set(deliveryRoles),
    { ...delivery, embedded: true, objects, wantedSlots: () => slots, orphanAgeMs, idempotencyRetentionMs },
    onStop,
  )
  await startWork(
    {
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
      clock,
      logger,
      metrics,
      tracer,
    },
    onStop,
  )
  return http.start({
    store,
    objects,
    signedUrls: objects,
    metrics,
    logger,
    tracer,
    clock,
    checks: {
      database: async () => {
        await store.db.execute('select 1')
      },
    },
  })
}
