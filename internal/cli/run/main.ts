import { createHash } from 'node:crypto'
import path from 'node:path'
import { type Compressor, engineVersion } from '../../codec/index.ts'
import { type ConfigOf, loadConfig } from '../../config/index.ts'
import { exitCodeOf, type Interrupt, listenForInterrupt } from '../interrupt.ts'
import type { Io } from '../io.ts'
import { toCompressionOptions } from '../options/compression.ts'
import { styleFor } from '../terminal/output.ts'
import { runCommand } from './command.ts'
import { lookUpInputs, resolveFolder } from './inputs.ts'
import { fileLine, summaryLine } from './json.ts'
import { type Plan, planRun } from './plan.ts'
import type { Recipe } from './process-file.ts'
import { type ProgressView, showProgress } from './progress-view.ts'
import { runFiles } from './run.ts'
import { renderSingle } from './single.ts'
import { RunState } from './state.ts'
import { renderSummary } from './summary.ts'

type RunConfig = ConfigOf<typeof runCommand.options>

export interface RunDependencies {
  createCompressor(options: { slots: number; memoryLimitBytes: number }): Compressor
}

/**
 * `kompressor run`.
 *
 * @returns the exit code: 0, 1 when files failed, 128 + the signal's number when it was interrupted
 * @throws KompressorError invalid_configuration: something about the command line; storage_full, storage_unavailable
 */
export async function run(
  argv: readonly string[],
  io: Io,
  { createCompressor }: RunDependencies,
): Promise<number> {
  const { config, positionals, warnings } = loadConfig(runCommand, argv, io.env)
  for (const warning of warnings) io.stderr.write(`kompressor: ${warning}\n`)
  const out = config.out === undefined ? undefined : await resolveFolder(config.out)
  const plan = planRun(await lookUpInputs(positionals), out)
  const state = new RunState(io.now)
  const view = config.quiet ? silent : showProgress(io.stderr, isLive(io), () => state.progress())
  const interrupt = listenForInterrupt({
    now: io.now,
    onFirst: () => view.note('Finishing the files in work; press Ctrl-C again to stop at once.'),
  })
  const compressor = createCompressor({ slots: config.slots, memoryLimitBytes: config.memoryLimit })
  state.onFile = config.json ? (report) => io.stdout.write(`${fileLine(report)}\n`) : () => undefined
  let complete = false
  try {
    await runFiles(
      { plan, recipe: recipeOf(config), overwrite: config.overwrite },
      { compressor, observer: state, stop: interrupt.stop, kill: interrupt.kill, now: io.now },
    )
    complete = true
  } finally {
    view.stop()
    await compressor.close()
    // A run that could not begin has nothing to sum up but its error.
    if (complete || state.tally.total.files > 0) conclude(io, config, plan, state, interrupt)
    // Once interrupted, further signals stay without effect: the process is about to end, in order.
    if (interrupt.received === undefined) interrupt.dispose()
  }
  if (interrupt.received !== undefined) return exitCodeOf(interrupt.received)
  return state.tally.total.failed > 0 ? 1 : 0
}

const silent: ProgressView = { note: () => undefined, stop: () => undefined }

function isLive({ stderr, env }: Io): boolean {
  return stderr.isTTY === true && env.TERM !== 'dumb'
}

function recipeOf(config: RunConfig): Recipe {
  const options = toCompressionOptions(config)
  const limits = { maxPixels: config.maxPixels, maxBytes: config.maxFileSize }
  const identity = JSON.stringify([options, limits, engineVersion()])
  return { options, limits, hash: createHash('sha256').update(identity).digest('hex').slice(0, 16) }
}

function conclude(io: Io, config: RunConfig, plan: Plan, state: RunState, interrupt: Interrupt): void {
  const { tally, elapsedMs, last } = state
  const interrupted = interrupt.received !== undefined
  if (config.json) {
    io.stdout.write(`${summaryLine(tally, { elapsedMs, interrupted })}\n`)
    return
  }
  const [only] = plan.sources
  const single = plan.sources.length === 1 && only?.input.stats.isFile() && last
  const output = config.quiet ? io.stderr : io.stdout
  const style = styleFor(output)
  const folders = plan.targets.map(({ folder, beside }) => (beside ? undefined : show(io, folder)))
  const facts = {
    tally,
    elapsedMs,
    interrupted,
    destinations: folders.map((folder) => folder ?? 'beside the originals'),
    journals: folders.flatMap((folder) =>
      folder === undefined ? [] : [path.join(folder, '.kompressor/run.ndjson')],
    ),
  }
  const lines = single ? renderSingle(single, io.cwd, style) : renderSummary(facts, style)
  if (!config.quiet || tally.total.failed > 0) output.write(`${lines.join('\n')}\n`)
}

/** Relative to the working directory when it is below it. */
function show({ cwd }: Io, folder: string): string {
  const relative = path.relative(cwd, folder)
  return relative === '' || relative.startsWith('..') ? folder : relative
}
