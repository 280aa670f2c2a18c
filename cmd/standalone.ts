import { once } from 'node:events'
import { exitCodeOf, listenForInterrupt } from '../internal/cli/index.ts'
import { standalone as command, loadConfig } from '../internal/config/index.ts'
import { startStandalone } from '../internal/standalone/index.ts'
import { createLogger, createMetrics, startTracing } from '../internal/telemetry/index.ts'

/** Runs the whole service in this process until a signal; a second one ends it at once. */
export async function standalone(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  const { logLevel: level, logFormat: format } = config
  const logger = createLogger({ level, format, destination: process.stdout })
  for (const warning of warnings) logger.warn(warning)
  // From here on, so that a signal during the start ends the process in order too.
  const interrupt = listenForInterrupt({
    now: () => performance.now(),
    onFirst: () => logger.info('stopping: files at work get 20 s; once more to stop at once'),
  })
  interrupt.kill.addEventListener('abort', () => process.exit(exitCodeOf(interrupt.received ?? 'SIGTERM')))
  const tracing = await startTracing({
    serviceName: 'kompressor',
    env,
    onError: (error) => logger.warn({ error }, 'spans could not be sent'),
  })
  const metrics = createMetrics({
    onCollectError: (collector, error) =>
      logger.warn({ error, collector }, 'a metric could not be collected'),
  })
  const service = await startStandalone(config, { logger, metrics, tracer: tracing.tracer })
  logger.info({ url: service.url }, `Kompressor is ready at ${service.url}`)
  logger.info(`Try it: curl -F file=@photo.jpg -H 'Prefer: wait=30' ${service.url}/v1/files`)
  if (!interrupt.stop.aborted) await once(interrupt.stop, 'abort')
  await service.stop({ graceMs: 20_000 })
  await tracing.shutdown()
  return 0
}
