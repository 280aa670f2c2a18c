import { type Compressor, createCompressor } from '../codec/index.ts'
import type { Logger, Metrics } from '../telemetry/index.ts'
import { startWorker, type WorkerOptions } from '../worker/index.ts'
import type { OnStop } from './assemble.ts'
import { supervise } from './supervise.ts'

export interface PoolParts {
  slots: number
  memoryLimit: number
  /** Where the children keep their compiled code. */
  cacheDir: string
  logger: Logger
  metrics: Metrics
}

export function startPool(
  { slots, memoryLimit, cacheDir, logger, metrics }: PoolParts,
  onStop: OnStop,
): Compressor {
  const compressor = createCompressor({
    slots,
    memoryLimitBytes: memoryLimit,
    childEnv: { NODE_COMPILE_CACHE: cacheDir },
    onChildStart: ({ reason }) => metrics.poolStarts.inc({ reason }),
    onChildWork: (seconds) => metrics.poolBusySeconds.inc(seconds),
    log: (level, message, fields) => logger[level](fields, message),
  })
  onStop('compressor', (graceMs) => compressor.close({ graceMs }))
  return compressor
}

/** Starts a worker that is started again when its consumer crashes: the pool and what it knows stay. */
export async function startWork(options: Omit<WorkerOptions, 'onCrash'>, onStop: OnStop): Promise<void> {
  const worker = await supervise({
    name: 'worker',
    logger: options.logger,
    start: (onCrash) => startWorker({ ...options, onCrash }),
  })
  onStop('worker', (graceMs) => worker.stop({ graceMs }))
}
