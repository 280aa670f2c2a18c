import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const entry = new URL('../../cmd/kompressor.ts', import.meta.url).pathname

export interface Service {
  url: string
  pid: number
  /** What it wrote so far, for messages of failing tests. */
  output(): string
  /** Freezes it: its connections stay open and nobody answers. */
  pause(): void
  resume(): void
  /** Ends it without a chance to do anything, and waits until it is gone. */
  kill(): Promise<void>
  /** Ends it with SIGTERM and waits; resolves with its exit code. */
  stop(): Promise<number | null>
}

export interface ServiceOptions {
  dataDir: string
  /** Default 0: any free one. */
  port?: number
  args?: readonly string[]
  env?: Record<string, string>
  /** Milliseconds until it must be ready. Default 60 s: machines that test are busy. */
  readyMs?: number
}

/** Starts the real thing, `kompressor standalone`, and waits until it says that it is ready. */
export function startService({ dataDir, args = [], ...options }: ServiceOptions): Promise<Service> {
  return startProcess('standalone', { ...options, args: ['--data-dir', dataDir, ...args] })
}

/** Starts one of our processes and waits until it says that it is ready. */
export async function startProcess(
  command: string,
  { port = 0, args = [], env = {}, readyMs = 60_000 }: Omit<ServiceOptions, 'dataDir'>,
): Promise<Service> {
  const child = spawn(
    process.execPath,
    [entry, command, '--port', String(port), '--log-format', 'json', ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const lines: string[] = []
  const exited = once(child, 'exit')
  try {
    const url = await Promise.race([
      readyUrl(child, lines),
      exited.then(([code]) =>
        Promise.reject(new Error(`the service ended with ${code} before it was ready`)),
      ),
      deadline(readyMs, 'the service was not ready in time'),
    ])
    return {
      url,
      pid: child.pid ?? 0,
      output: () => lines.join('\n'),
      pause: () => void child.kill('SIGSTOP'),
      resume: () => void child.kill('SIGCONT'),
      kill: () => end(child, exited, 'SIGKILL').then(() => undefined),
      stop: () => end(child, exited, 'SIGTERM'),
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${String(error)}\n${lines.join('\n')}`, { cause: error })
  }
}

function readyUrl(child: ChildProcess, lines: string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      const url = /"url":"(http[^"]+)"/.exec(line)?.[1]
      if (url !== undefined && line.includes('ready')) resolve(url)
    })
  }
  return promise
}

async function end(
  child: ChildProcess,
  exited: Promise<unknown[]>,
  signal: NodeJS.Signals,
): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  await exited
  return child.exitCode
}

function deadline(ms: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message)), ms).unref()
  })
}
