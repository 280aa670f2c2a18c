import { createJobTokens } from '../auth/index.ts'
import type { Broker } from '../broker/index.ts'
import type { ApiConfig } from '../config/index.ts'
import { projectorGroup } from '../delivery/index.ts'
import { type Checks, createHealthServer } from '../health/index.ts'
import { reportTopic } from '../messages/index.ts'
import { startDelivery, startTelling } from '../process/delivery.ts'
import { prepareHttp } from '../process/http.ts'
import { type Assembled, assemble, listen, type OnStop, patiently } from '../process/index.ts'
import {
  configureJob,
  createPostgresStore,
  ensureIngestJob,
  type JobRow,
  type Store,
} from '../store/index.ts'
import { openBroker, openObjects, withReplicas } from './connect.ts'
import type { ClusterDeps } from './deps.ts'
import { ensureTopics } from './topics.ts'

/** The ingest job every install has; made by the first migration. */
const defaultJob = 'default'

/** A process of `kompressor api`, with whatever roles it was given. */
export function startApi(config: ApiConfig, deps: ClusterDeps): Promise<Assembled> {
  return assemble(deps.logger, (onStop) => build(config, deps, onStop))
}

async function build(config: ApiConfig, deps: ClusterDeps, onStop: OnStop): Promise<string> {
  const { logger, metrics, tracer } = deps
  const roles = new Set<string>(config.roles)
  const clock = () => new Date()
  const http = prepareHttp(config, onStop)
  const store = await connectStore(config, deps)
  onStop('store', () => store.close())
  const objects = await openObjects(config, deps, onStop)
  const jobs = await configureJobs(store, config)
  const checks = {
    database: async () => {
      await store.db.execute('select 1')
    },
  }
  if (roles.has('webhooks')) {
    const { webhookAllow: allow, webhookTimeout: timeoutMs } = config
    await startTelling({ store, clock, logger, metrics, tracer, allow, timeoutMs }, onStop)
  }
  const delivers = roles.has('relay') || roles.has('projector') || roles.has('sweeper')
  const broker = delivers ? await openBroker(config, deps, onStop) : undefined
  // Listens before Kafka is there: uploads are accepted without it, and probes answered.
  const jobTokens = config.tokenSecret && createJobTokens(config.tokenSecret)
  const url = roles.has('http')
    ? await http.start({
        store,
        objects,
        ...(jobTokens && { jobTokens }),
        metrics,
        logger,
        tracer,
        clock,
        checks,
      })
    : await listenForProbes(config, { checks, broker }, deps, onStop)
  if (broker !== undefined) {
    if (config.createTopics) await ensureTopics(broker, jobs, deps)
    // Where others make them they may come later.
    else await patiently('looking for topics', () => broker.lag(projectorGroup, reportTopic), deps)
    const written = await withReplicas(objects, config, deps, onStop)
    const parts = { store, broker, objects: written, clock, logger, metrics, tracer }
    const { orphanAge: orphanAgeMs, idempotencyRetention: idempotencyRetentionMs } = config
    const wantedSlots = () => config.workerSlots
    await startDelivery(roles, { ...parts, wantedSlots, orphanAgeMs, idempotencyRetentionMs }, onStop)
  }
  return url
}

/** For processes that serve nothing else. */
function listenForProbes(
  config: ApiConfig,
  { checks, broker }: { checks: Checks; broker: Broker | undefined },
  { metrics, logger }: ClusterDeps,
  onStop: OnStop,
): Promise<string> {
  const reachable = async () => void (await broker?.lag(projectorGroup, reportTopic))
  const server = createHealthServer({ checks: { ...checks, broker: reachable }, metrics, logger })
  onStop('health server', async () => void server.close())
  return listen(server, config)
}

function connectStore(config: ApiConfig, deps: ClusterDeps): Promise<Store> {
  const { logger, metrics } = deps
  const options = {
    url: config.databaseUrl,
    poolSize: config.databasePool,
    statementTimeoutMs: config.statementTimeout,
    migrate: config.migrate,
    metrics,
    onError: (error: unknown) =>
      logger.warn({ error }, 'a connection to Postgres was lost; it is made again'),
  }
  return patiently('connecting to Postgres', () => createPostgresStore(options), deps)
}

/** The jobs this process answers for, with the limits it was given. Partitions only grow. */
async function configureJobs(
  store: Store,
  { partitions, maxAttempts, ingest }: ApiConfig,
): Promise<JobRow[]> {
  const limits = { partitions, maxAttempts }
  const jobs = [await configureJob(store.db, defaultJob, limits)]
  for (const name of ingest) jobs.push(await ensureIngestJob(store.db, { name, ...limits }))
  return jobs
}
