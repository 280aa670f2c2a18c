import { randomUUID } from 'node:crypto'
import { createJobTokens } from '../auth/index.ts'
import { createKafkaBroker } from '../broker/index.ts'
import type { OperatorConfig } from '../config/index.ts'
import { createHealthServer } from '../health/index.ts'
import {
  createClient,
  createEventRecorder,
  createTransport,
  currentNamespace,
  loadKubeConfig,
  runForLeader,
} from '../kube/index.ts'
import { awaitStop, canReach, startOperator } from '../operator/index.ts'
import { type Assembled, assemble, listen, patiently } from '../process/index.ts'
import { createPostgresStore } from '../store/index.ts'
import type { Logger, Metrics } from '../telemetry/index.ts'
import { workerSettings } from './worker-settings.ts'

const component = 'kompressor-operator'

export interface OperatorProcessDeps {
  logger: Logger
  metrics: Metrics
  /** Ends the start while something it needs is away. */
  signal: AbortSignal
  env: NodeJS.ProcessEnv
  /** The lease is lost and the work has ended: the process is to be started anew. */
  onLost: () => void
}

/** One replica of the operator: ready when it can reach Kubernetes and Postgres, at work when it leads. */
export async function startOperatorProcess(
  config: OperatorConfig,
  { logger, metrics, signal, env, onLost }: OperatorProcessDeps,
): Promise<Assembled> {
  return assemble(logger, async (onStop) => {
    const kubeConfig = loadKubeConfig({ kubeconfig: config.kubeconfig })
    const transport = createTransport(kubeConfig, {
      userAgent: component,
      observe({ verb, resource, code, seconds }) {
        metrics.kubeRequests.inc({ verb, resource, code })
        metrics.kubeRequestSeconds.observe({ verb }, seconds)
      },
    })
    onStop('transport', async () => transport.close())
    const client = createClient(transport, { fieldManager: component })

    const store = await patiently(
      'database',
      () =>
        createPostgresStore({
          url: config.databaseUrl,
          poolSize: config.databasePool,
          statementTimeoutMs: config.statementTimeout,
          migrate: config.migrate,
          applicationName: component,
          metrics,
          onError: (error) => logger.warn({ error }, 'a connection to the database was lost'),
        }),
      { logger, signal },
    )
    onStop('store', () => store.close())
    const workers = workerSettings(config, env)
    const broker = createKafkaBroker({ ...workers.kafka, clientId: config.name, metrics, logger })
    onStop('broker', () => broker.close())

    const server = createHealthServer({
      logger,
      metrics,
      checks: {
        kubernetes: (deadline) => canReach(client, deadline),
        async database() {
          await store.db.execute('select 1')
        },
      },
    })
    const address = await listen(server, config)
    onStop('health server', async () => {
      server.close()
      server.closeAllConnections()
    })

    const stopping = new AbortController()
    const identity = `${config.name}_${randomUUID()}`
    const leaseNamespace = config.leaseNamespace ?? currentNamespace(kubeConfig)
    const events = createEventRecorder({
      client,
      component,
      instance: config.name,
      onError: (error) => logger.warn({ error }, 'an event could not be written'),
      now: Date.now,
      random: Math.random,
    })
    const candidacy = runForLeader({
      client,
      lease: { namespace: leaseNamespace, name: component },
      identity,
      signal: stopping.signal,
      async work(until) {
        const operator = startOperator({
          client,
          store,
          broker,
          events,
          logger,
          workers: workers.settings,
          tokens: createJobTokens(config.tokenSecret),
          namespace: config.namespace,
          now: () => new Date(),
          observe(outcome, seconds) {
            metrics.reconciles.inc({ outcome })
            metrics.reconcileSeconds.observe(seconds)
          },
          onDecision({ reason }) {
            metrics.autoscalerDecisions.inc({ reason })
          },
        })
        await awaitStop(until)
        await operator.stop()
        await events.stop()
      },
      onChange: (state, holder) => logger.info({ state, holder, identity }, 'leader election'),
      onError: (error) => logger.warn({ error }, 'the lease could not be read or written'),
      now: () => performance.now(),
      random: Math.random,
    }).then((outcome) => {
      if (outcome === 'lost') onLost()
    })
    onStop('operator', async () => {
      stopping.abort()
      await candidacy
    })
    return address
  })
}
