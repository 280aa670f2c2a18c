import { runEraser } from '../internal/cluster/eraser.ts'
import { eraser as command, loadConfig } from '../internal/config/index.ts'
import { runTask } from './task.ts'

/** `kompressor eraser`: erases what a job has written whose resource is deleted, and ends. */
export function eraser(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  return runTask({ config, warnings, run: (deps) => runEraser(config, deps) })
}
