import { explain as explainFile } from '../internal/cli/explain/index.ts'
import { processIo } from '../internal/cli/index.ts'

/** `kompressor explain ID`: the life of a file in a running service. */
export function explain(argv: readonly string[]): Promise<number> {
  return explainFile(argv, processIo())
}
