import { exitCodeOf, listenForInterrupt } from '../internal/cli/index.ts'
import { createLogger, type Logger } from '../internal/telemetry/index.ts'

export interface TaskOptions {
  config: { logLevel: Parameters<typeof createLogger>[0]['level']; logFormat: 'auto' | 'pretty' | 'json' }
  /** Of the configuration. */
  warnings: readonly string[]
  /** Rejects when the signal fires. */
  run(deps: { logger: Logger; signal: AbortSignal }): Promise<void>
}

/** Runs a process of ours that ends by itself. Cut off by a signal it has not succeeded, and is to be run again. */
export async function runTask({ config, warnings, run }: TaskOptions): Promise<number> {
  const { logLevel: level, logFormat: format } = config
  const logger = createLogger({ level, format, destination: process.stdout })
  for (const warning of warnings) logger.warn(warning)
  const interrupt = listenForInterrupt({
    now: () => performance.now(),
    onFirst: () => logger.info('stopping'),
  })
  interrupt.kill.addEventListener('abort', () => process.exit(exitCodeOf(interrupt.received ?? 'SIGTERM')))
  try {
    await run({ logger, signal: interrupt.stop })
    return 0
  } catch (error) {
    if (!interrupt.stop.aborted) throw error
    return exitCodeOf(interrupt.received ?? 'SIGTERM')
  } finally {
    interrupt.dispose()
  }
}
