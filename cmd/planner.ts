import { runPlanner } from '../internal/cluster/planner.ts'
import { planner as command, loadConfig } from '../internal/config/index.ts'
import { runTask } from './task.ts'

/** `kompressor planner`: reads the source of a finite job, tells the API what there is, and ends. */
export function planner(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  return runTask({ config, warnings, run: (deps) => runPlanner(config, deps) })
}
