import type { Environment } from '../config/index.ts'
import type { Output } from './terminal/output.ts'

/** What a command may touch of the process it runs in. */
export interface Io {
  stdout: Output
  stderr: Output
  env: Environment
  cwd: string
  /** Milliseconds, monotonic. */
  now: () => number
}

/** The process's own. */
export function processIo(): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: () => performance.now(),
  }
}
