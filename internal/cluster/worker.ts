import { join } from 'node:path'
import type { WorkerConfig } from '../config/index.ts'
import { createFetcher } from '../fetch/index.ts'
import { createHealthServer } from '../health/index.ts'
import { createLimiter, type Limiter } from '../limits/index.ts'
import { type Assembled, assemble, listen, type OnStop, patiently } from '../process/index.ts'
import { startPool, startWork } from '../process/work.ts'
import { createWebSource } from '../source/index.ts'
import { type HttpControl, type SourceStore, startHttpControl, type WorkerOptions } from '../worker/index.ts'
import { openBroker, openObjects, withReplicas } from './connect.ts'
import type { ClusterDeps } from './deps.ts'
import { openJobBucket, openReplicas, outputBucket, sourceBucket } from './job-stores.ts'

/** How often a file in work is held against what the API said last, milliseconds. It costs nothing. */
const controlIntervalMs = 1_000

/** With what the process may ask of stores. */
interface Limited extends ClusterDeps {
  limiter: Limiter
}

/** A process of `kompressor worker`: it holds credentials of Kafka and the bucket, and none of the database. */
export function startWorkerProcess(config: WorkerConfig, deps: ClusterDeps): Promise<Assembled> {
  return assemble(deps.logger, (onStop) => build(config, deps, onStop))
}

async function build(config: WorkerConfig, deps: ClusterDeps, onStop: OnStop): Promise<string> {
  const { logger, metrics, tracer } = deps
  const { slots, memoryLimit, topic, group, name, scratchDir, maxStarts } = config
  const compressor = startPool(
    { slots, memoryLimit, cacheDir: join(scratchDir, 'cache'), logger, metrics },
    onStop,
  )
  const limiter = createLimiter()
  const limited = { ...deps, limiter }
  const job = await openJob(config, limited, onStop)
  const objects =
    job?.output ?? (await withReplicas(await openObjects(config, limited, onStop), config, limited, onStop))
  const broker = await openBroker(config, deps, onStop)
  const control = startControl(config, limited, onStop)
  const work = {
    broker,
    objects,
    ...(job && { job }),
    compressor,
    topic,
    group,
    control,
    controlIntervalMs,
    limits: { maxPixels: config.maxPixels, maxBytes: config.maxFileSize },
    scratchDir: join(scratchDir, 'work'),
    maxStarts,
    name,
    clock: () => new Date(),
    logger,
    metrics,
    tracer,
  }
  const checks = { broker: async () => void (await broker.lag(group, topic)) }
  const server = createHealthServer({ checks, metrics, logger })
  onStop('health server', async () => void server.close())
  // Probes are answered while it waits: it is well, and not ready.
  const url = await listen(server, config)
  // The topic is made by the API, which may not be there yet.
  // And the buckets of a job are their owner's to put right.
  const passing = job === undefined ? [] : (['storage_denied', 'bucket_not_found'] as const)
  // Nothing is asked of a store before it is known how much may be.
  await control.told
  await patiently('joining the consumer group', () => startWork(work, onStop), { ...deps, passing })
  return url
}

/** The two ends of a job that ends; undefined for one that takes uploads. */
async function openJob(
  config: WorkerConfig,
  { metrics, limiter }: Limited,
  onStop: OnStop,
): Promise<WorkerOptions['job']> {
  const bucket = sourceBucket(config)
  if (bucket === undefined && !config.sourceWeb) return undefined
  const output = await openJobBucket(outputBucket(config), { metrics, limiter })
  onStop('output', () => output.close())
  const replicas = await openReplicas(config, { metrics, limiter })
  onStop('replicas', async () => void (await Promise.all(replicas.map(({ store }) => store.close()))))
  if (bucket === undefined) return { source: openWeb(config, limiter, onStop), output, replicas }
  const source = await openJobBucket(bucket, { metrics, limiter })
  onStop('source', () => source.close())
  return { source, output, replicas }
}

function openWeb(
  { fetchAllow: allow, fetchPerHost: perHost, fetchTimeout: timeoutMs, maxFileSize: maxBytes }: WorkerConfig,
  limiter: Limiter,
  onStop: OnStop,
): SourceStore {
  const fetcher = createFetcher({ allow, perHost, timeoutMs, limiter })
  onStop('fetcher', async () => fetcher.close())
  return createWebSource(fetcher, { maxBytes, now: () => new Date() })
}

function startControl(
  { apiUrl, job, jobToken }: WorkerConfig,
  { logger, limiter }: Limited,
  onStop: OnStop,
): Pick<HttpControl, 'isUnwanted' | 'told'> {
  if (apiUrl === undefined || jobToken === undefined)
    return { isUnwanted: async () => false, told: Promise.resolve() }
  const control = startHttpControl({ apiUrl, jobUid: job, token: jobToken, logger, limiter })
  onStop('control', () => control.stop())
  return control
}
