import { migrateDatabase } from '../internal/cluster/migrate.ts'
import { migrate as command, loadConfig } from '../internal/config/index.ts'
import { createLogger } from '../internal/telemetry/index.ts'

/** `kompressor migrate`: brings the schema up to date and ends. */
export async function migrate(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  const { logLevel: level, logFormat: format } = config
  const logger = createLogger({ level, format, destination: process.stdout })
  for (const warning of warnings) logger.warn(warning)
  await migrateDatabase(config.databaseUrl)
  logger.info('the schema is up to date')
  return 0
}
