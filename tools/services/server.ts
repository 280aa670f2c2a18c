import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a server may take to be ready, or to end when asked to, milliseconds. Ten times what they need. */
const startMs = 120_000
const stopMs = 30_000

export interface ServerOptions {
  name: string
  /** The server's own: data and `log`. Removed when the process that started the server is gone. */
  folder: string
  program: string
  args: readonly string[]
  env?: Record<string, string>
  /** Whom it runs as; default who we are. */
  user?: { uid: number; gid: number }
  /** Ends it in good order; default SIGTERM. */
  stopSignal?: NodeJS.Signals
  /** Ends it at once and without a trace on the machine, sent when we are gone; default SIGTERM. */
  orphanSignal?: NodeJS.Signals
  /** Whether it serves. A rejection counts as no. */
  ready: () => Promise<boolean>
}

/**
 * A process that serves on an address and keeps data in a folder: both stay the same over any number of ends and starts,
 * as a suite that pulls plugs needs it.
 */
export interface Server {
  readonly name: string
  /** Where what it says is written. */
  readonly log: string
  /** Resolves when it serves. No effect while it runs. */
  start(): Promise<void>
  /** Ends it in good order. */
  stop(): Promise<void>
  /** Stop, or with a signal that, then start. */
  restart(signal?: NodeJS.Signals): Promise<void>
  /** Sends SIGKILL (or another signal that ends it) and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Freezes it: connections stay open and nobody answers. */
  pause(): void
  resume(): void
}

const script = path.join(import.meta.dirname, 'guarded.sh')

export function createServer(options: ServerOptions): Server {
  const { name, folder, program, args, env, user, ready } = options
  const { stopSignal = 'SIGTERM', orphanSignal = 'SIGTERM' } = options
  const log = path.join(folder, 'log')
  let running: ChildProcess | undefined

  const start = async (): Promise<void> => {
    if (running !== undefined) return
    const output = await open(log, 'a')
    const child = spawn(script, [folder, orphanSignal.slice('SIG'.length), program, ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', output.fd, output.fd, 'pipe'],
      // A session of its own: Ctrl-C in our terminal is ours to act upon.
      detached: true,
      ...user,
    })
    const guard = child.stdio[3]
    // A killed server leaves the guard to read this; that nobody does any more is no error.
    guard?.on('error', () => undefined)
    child.on('exit', () => {
      running = undefined
      if (guard !== null && guard !== undefined && 'end' in guard) guard.end('over\n')
    })
    await once(child, 'spawn')
    running = child
    await output.close()
    await untilReady(child)
  }

  const untilReady = async (child: ChildProcess): Promise<void> => {
    const deadline = performance.now() + startMs
    while (!(await ready().catch(() => false))) {
      if (running !== child) throw new Error(`${name} ended while it started:\n${await tail(log)}`)
      if (performance.now() > deadline) {
        await end('SIGKILL')
        throw new Error(`${name} was not ready after ${startMs / 1000} s:\n${await tail(log)}`)
      }
      await delay(25)
    }
  }

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = running
    if (child === undefined) return
    const exited = once(child, 'exit')
    child.kill(signal)
    // A frozen process acts on nothing else.
    child.kill('SIGCONT')
    const hard = setTimeout(() => child.kill('SIGKILL'), stopMs)
    await exited
    clearTimeout(hard)
  }

  return {
    name,
    log,
    start,
    stop: () => end(stopSignal),
    async restart(signal = stopSignal) {
      await end(signal)
      await start()
    },
    kill: (signal = 'SIGKILL') => end(signal),
    pause: () => void running?.kill('SIGSTOP'),
    resume: () => void running?.kill('SIGCONT'),
  }
}

async function tail(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).slice(-3_000)
}
