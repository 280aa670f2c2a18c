import { createJobTokens } from '../internal/auth/index.ts'
import { token as command, loadConfig } from '../internal/config/index.ts'

/** `kompressor token JOB`: prints what lets the workers of a job ask the API. */
export async function token(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, positionals } = loadConfig(command, argv, env)
  const [job = ''] = positionals
  process.stdout.write(`${createJobTokens(config.tokenSecret).mint(job)}\n`)
  return 0
}
