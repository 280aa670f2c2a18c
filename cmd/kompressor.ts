import { existsSync, readFileSync } from 'node:fs'
import { dispatch } from '../internal/cli/index.ts'
import { KompressorError } from '../internal/errors/index.ts'

/** Loaded when asked for: `--help` and `run` need neither database nor HTTP. */
const commands: Record<
  string,
  () => Promise<(argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>>
> = {
  standalone: async () => (await import('./standalone.ts')).standalone,
  run: async () => (await import('./run.ts')).run,
  estimate: async () => (await import('./estimate.ts')).estimate,
  inspect: async () => (await import('./inspect.ts')).inspect,
  explain: async () => (await import('./explain.ts')).explain,
  job: async () => (await import('./job.ts')).job,
  api: async () => (await import('./api.ts')).api,
  worker: async () => (await import('./worker.ts')).worker,
  planner: async () => (await import('./planner.ts')).planner,
  report: async () => (await import('./report.ts')).report,
  eraser: async () => (await import('./eraser.ts')).eraser,
  operator: async () => (await import('./operator.ts')).operator,
  migrate: async () => (await import('./migrate.ts')).migrate,
  token: async () => (await import('./token.ts')).token,
}

// Whoever read the output has left (`kompressor … | head`): end as on any other signal, in order.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.kill(process.pid, 'SIGTERM')
})

try {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const request = dispatch(process.argv.slice(2), { version, isPath: existsSync })
  if (request.kind === 'print') process.stdout.write(request.text)
  else process.exitCode = await (await commands[request.name]?.())?.(request.argv, process.env)
} catch (error) {
  if (!(error instanceof KompressorError)) throw error
  // What nobody foresaw is for a bug report, and that needs to know where it happened.
  const unforeseen = error.code === 'internal' && error.cause instanceof Error ? error.cause.stack : undefined
  process.stderr.write(`kompressor: ${unforeseen ?? error.message}\n`)
  process.exitCode = error.code === 'invalid_configuration' ? 2 : 1
}
