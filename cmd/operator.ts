import { startOperatorProcess } from '../internal/cluster/operator.ts'
import { operator as command, loadConfig } from '../internal/config/index.ts'
import { runService } from './service.ts'

/** `kompressor operator`: runs CompressionJobs, as one of several replicas of which one leads. */
export async function operator(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  return runService({
    name: 'kompressor-operator',
    env,
    config,
    warnings,
    graceMs: 20_000,
    start: (deps) =>
      startOperatorProcess(config, {
        ...deps,
        env,
        // Whoever started this process starts it again, as a candidate.
        onLost: () => process.kill(process.pid, 'SIGTERM'),
      }),
  })
}
