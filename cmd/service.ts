import { once } from 'node:events'
import { exitCodeOf, listenForInterrupt } from '../internal/cli/index.ts'
import type { Assembled } from '../internal/process/index.ts'
import {
  createLogger,
  createMetrics,
  type Logger,
  type Metrics,
  startTracing,
  type Tracer,
} from '../internal/telemetry/index.ts'

/** How long connections may take to close when everything has stopped, milliseconds. */
const lingerMs = 2_000

export interface ServiceOptions {
  /** In logs and traces. */
  name: string
  env: NodeJS.ProcessEnv
  config: { logLevel: Parameters<typeof createLogger>[0]['level']; logFormat: 'auto' | 'pretty' | 'json' }
  /** Of the configuration. */
  warnings: readonly string[]
  /** What work in hand gets when the process is told to stop, milliseconds. */
  graceMs: number
  /**
   * What closing may take beyond that, milliseconds. Default 15,000. A server that has fallen silent must not keep a process
   * that somebody waits for to be replaced.
   */
  closingMs?: number
  start(deps: { logger: Logger; metrics: Metrics; tracer: Tracer; signal: AbortSignal }): Promise<Assembled>
  /** Said after the line that says where it listens. */
  hint?: (url: string) => string
}

/**
 * Runs a process of ours until a signal; a second one ends it at once, and so does a stop that does not come to an end.
 * Returns its exit code.
 */
export async function runService(options: ServiceOptions): Promise<number> {
  const { name, env, config, warnings, graceMs, closingMs = 15_000, start, hint } = options
  const { logLevel: level, logFormat: format } = config
  const logger = createLogger({ level, format, destination: process.stdout })
  for (const warning of warnings) logger.warn(warning)
  // From here on, so that a signal during the start ends the process in order too.
  const interrupt = listenForInterrupt({
    now: () => performance.now(),
    onFirst: () => logger.info(`stopping: files at work get ${graceMs / 1000} s; once more to stop at once`),
  })
  interrupt.kill.addEventListener('abort', () => process.exit(exitCodeOf(interrupt.received ?? 'SIGTERM')))
  // Keeps the process: a stop that waits for nothing at all must not end it with a code that says so little.
  let giveUp: NodeJS.Timeout | undefined
  interrupt.stop.addEventListener('abort', () => {
    giveUp = setTimeout(() => {
      logger.error(`something did not stop within ${(graceMs + closingMs) / 1000} s; ending without it`)
      process.exit(1)
    }, graceMs + closingMs)
  })
  const tracing = await startTracing({
    serviceName: name,
    env,
    onError: (error) => logger.warn({ error }, 'spans could not be sent'),
  })
  const metrics = createMetrics({
    onCollectError: (collector, error) =>
      logger.warn({ error, collector }, 'a metric could not be collected'),
  })
  try {
    const service = await start({ logger, metrics, tracer: tracing.tracer, signal: interrupt.stop })
    logger.info({ url: service.url }, `${name} is ready at ${service.url}`)
    if (hint !== undefined) logger.info(hint(service.url))
    if (!interrupt.stop.aborted) await once(interrupt.stop, 'abort')
    await service.stop({ graceMs })
  } catch (error) {
    // Told to stop while it waited for another server.
    if (!interrupt.stop.aborted) throw error
  } finally {
    await tracing.shutdown()
    clearTimeout(giveUp)
  }
  // All is done and said; a connection that nobody lets go of must not keep the process.
  setTimeout(() => process.exit(0), lingerMs).unref()
  return 0
}
