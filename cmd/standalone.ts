import { standalone as command, loadConfig } from '../internal/config/index.ts'
import { startStandalone } from '../internal/standalone/index.ts'
import { createLogger, createMetrics, startTracing } from '../internal/telemetry/index.ts'
import { untilSignal } from './until-signal.ts'

/** Runs the whole service in this process until a signal. */
export async function standalone(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  // From here on, so that a signal during the start ends the process in order too.
  const signalled = untilSignal()
  const logger = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    destination: process.stdout,
  })
  for (const warning of warnings) logger.warn(warning)
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
  if (process.stdout.isTTY)
    logger.info(`Try it: curl -F file=@photo.jpg -H 'Prefer: wait=30' ${service.url}/v1/files`)
  const signal = await signalled
  logger.info({ signal }, 'stopping')
  await service.stop({ graceMs: 20_000 })
  await tracing.shutdown()
  return 0
}
