import { startWorkerProcess } from '../internal/cluster/worker.ts'
import { worker as command, loadConfig } from '../internal/config/index.ts'
import { runService } from './service.ts'

/** `kompressor worker`: compresses what is in the topic of a job. */
export function worker(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  return runService({
    name: 'kompressor-worker',
    env,
    config,
    warnings,
    graceMs: config.grace,
    start: (deps) => startWorkerProcess(config, deps),
  })
}
