import {
  api,
  type Command,
  eraser,
  migrate,
  operator,
  planner,
  report,
  standalone,
  token,
  worker,
} from '../config/index.ts'
import { runBucketCommand } from './bucket/command.ts'
import { runManifestCommand } from './bucket/manifest-command.ts'
import { estimateBucketCommand, estimateCommand } from './estimate/command.ts'
import { explainCommand } from './explain/command.ts'
import { inspectCommand } from './inspect/command.ts'
import { jobCommand, jobCommands } from './job/commands.ts'
import { runCommand } from './run/command.ts'

/** Every command of the command line, in the order of its help. Definitions only: what they do is loaded when it is asked for. */
export const commands: readonly Pick<Command, 'name' | 'summary' | 'options' | 'positionals' | 'examples'>[] =
  [
    standalone,
    runCommand,
    runBucketCommand,
    runManifestCommand,
    estimateCommand,
    estimateBucketCommand,
    inspectCommand,
    explainCommand,
    jobCommand,
    ...jobCommands,
    api,
    worker,
    planner,
    report,
    eraser,
    operator,
    migrate,
    token,
  ]
