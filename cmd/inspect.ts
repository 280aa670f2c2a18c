import { processIo } from '../internal/cli/index.ts'
import { inspect as inspectFiles } from '../internal/cli/inspect/index.ts'

/** `kompressor inspect FILE…`: what files are and what would be done with them. */
export function inspect(argv: readonly string[]): Promise<number> {
  return inspectFiles(argv, processIo())
}
