import { processIo } from '../internal/cli/index.ts'
import { run as runFiles } from '../internal/cli/run/index.ts'
import { createCompressor } from '../internal/codec/index.ts'

/** `kompressor run PATH…`: compresses files and folders on this machine. */
export function run(argv: readonly string[]): Promise<number> {
  return runFiles(argv, processIo(), { createCompressor })
}
