import { startApi } from '../internal/cluster/api.ts'
import { api as command, loadConfig } from '../internal/config/index.ts'
import { runService } from './service.ts'

/** `kompressor api`: HTTP, relay, projector and sweeper of a cluster, or some of them. */
export function api(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  return runService({
    name: 'kompressor-api',
    env,
    config,
    warnings,
    graceMs: config.grace,
    start: (deps) => startApi(config, deps),
  })
}
