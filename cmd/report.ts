import { runReport } from '../internal/cluster/report.ts'
import { report as command, loadConfig } from '../internal/config/index.ts'
import { runTask } from './task.ts'

/** `kompressor report`: writes what a finite job came to beside its outputs, and ends. */
export function report(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { config, warnings } = loadConfig(command, argv, env)
  return runTask({ config, warnings, run: (deps) => runReport(config, deps) })
}
