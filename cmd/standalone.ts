import { standalone as command, loadConfig } from '../internal/config/index.ts'
import { startStandalone } from '../internal/standalone/index.ts'
import { runService } from './service.ts'

/** `kompressor standalone`: the whole service in this process. */
export function standalone(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  return runService({
    name: 'kompressor',
    env,
    config,
    warnings,
    graceMs: 20_000,
    start: (deps) => startStandalone(config, deps),
    hint: (url) => `Try it: curl -F file=@photo.jpg -H 'Prefer: wait=30' ${url}/v1/files`,
  })
}
