import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const launcher = path.resolve(import.meta.dirname, '../../bin/kompressor.js')

/** Compiled code is kept here, for all tests and out of their folders. */
const caches = path.join(os.tmpdir(), 'kompressor-cli-caches')
mkdirSync(caches, { recursive: true })

export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcess
  finished: Promise<Finished>
  /** What it wrote to standard error so far. */
  stderr(): string
  /** Resolves with what `test` finds in standard output so far; rejects when the process ends before. */
  until(test: (stdout: string) => boolean): Promise<void>
}

export interface StartOptions {
  cwd: string
  env?: Record<string, string>
  /** Another user, for permissions that do not bind root. */
  uid?: number
}

/** Starts the command line as users do, with Node of this process. */
export function start(argv: readonly string[], { cwd, env = {}, uid }: StartOptions): Running {
  const child = spawn(process.execPath, [launcher, ...argv], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, XDG_CACHE_HOME: caches, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  const texts = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text
    for (const watcher of watchers) watcher()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text
  })
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }))
  })
  const until = (test: (stdout: string) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const watcher = () => {
        if (test(texts.stdout)) resolve()
      }
      watchers.add(watcher)
      watcher()
      finished.then(() => reject(new Error(`ended too early: ${texts.stdout}${texts.stderr}`)), reject)
    })
  return { child, finished, until, stderr: () => texts.stderr }
}

/** Runs the command line to its end. */
export function kompressor(argv: readonly string[], options: StartOptions): Promise<Finished> {
  return start(argv, options).finished
}

/** The lines of `--json`. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
