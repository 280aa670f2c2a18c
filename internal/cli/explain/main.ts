import { loadConfig } from '../../config/index.ts'
import type { Io } from '../io.ts'
import { styleFor } from '../terminal/output.ts'
import { fetchEvents, fetchFile } from './client.ts'
import { explainCommand } from './command.ts'
import { renderLife } from './timeline.ts'

/**
 * `kompressor explain`.
 *
 * @returns the exit code, always 0: a file that failed is explained as well as any
 * @throws KompressorError invalid_configuration; storage_unavailable when no service answers; file_not_found
 */
export async function explain(argv: readonly string[], io: Io): Promise<number> {
  const { config, positionals } = loadConfig(explainCommand, argv, io.env)
  const [id = ''] = positionals
  const file = await fetchFile(config.url, id)
  const events = await fetchEvents(config.url, file)
  if (config.json) io.stdout.write(`${JSON.stringify({ file, events }, null, 2)}\n`)
  else io.stdout.write(`${renderLife(file, events, styleFor(io.stdout)).join('\n')}\n`)
  return 0
}
