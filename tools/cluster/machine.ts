import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Machine {
  /** A folder of its own, gone after stop. */
  readonly folder: string
  /** Starts a program whose output goes to log/NAME.log; pid/NAME says its number. Starting a name again replaces it. */
  start(name: string, program: string, args: readonly string[]): Promise<void>
  /** Ends one program. */
  end(name: string, signal?: NodeJS.Signals): Promise<void>
  /** Waits until `ready` holds; fails with the end of the log when the program exits or 180 s have passed. */
  waitFor(name: string, ready: () => Promise<boolean>): Promise<void>
  /** Ends everything and removes the folder. */
  stop(): Promise<void>
}

export interface MachineOptions {
  /** A file: of the machines that name it there is one at a time on this computer, the others wait. */
  lock?: string
}

/**
 * Runs programs and leaves nothing of them behind, also when this process is killed (guard.sh sees to that). What else has
 * to be undone then goes into a script `cleanup` in the folder, which is run once everything has ended.
 */
export async function startMachine(prefix: string, { lock }: MachineOptions = {}): Promise<Machine> {
  const folder = await mkdtemp(path.join(os.tmpdir(), prefix))
  for (const name of ['log', 'pid']) await mkdir(path.join(folder, name))
  const command = [path.join(import.meta.dirname, 'guard.sh'), folder]
  // The guard holds the lock: it is the last to go.
  const [program = '', ...args] = lock === undefined ? command : ['flock', lock, ...command]
  const guard = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  guard.unref()
  await once(guard.stdout, 'data')
  guard.stdout.destroy()
  const running = new Map<string, ChildProcess>()

  async function end(name: string, signal: NodeJS.Signals = 'SIGTERM') {
    const child = running.get(name)
    if (child === undefined) return
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill(signal)
    // They write nothing that matters: what does not go within 5 s is killed.
    const hard = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(hard)
    running.delete(name)
  }

  return {
    folder,
    async start(name, program, args) {
      await end(name)
      const log = openSync(path.join(folder, 'log', `${name}.log`), 'a')
      const child = spawn(program, args, { stdio: ['ignore', log, log] })
      closeSync(log)
      await once(child, 'spawn')
      const pidFile = path.join(folder, 'pid', name)
      writeFileSync(pidFile, `${child.pid}\n`)
      child.on('exit', () => rmSync(pidFile, { force: true }))
      running.set(name, child)
    },
    end,
    async waitFor(name, ready) {
      const deadline = Date.now() + 180_000
      while (!(await ready())) {
        const child = running.get(name)
        const dead = child === undefined || child.exitCode !== null || child.signalCode !== null
        if (dead || Date.now() > deadline) {
          const log = await readFile(path.join(folder, 'log', `${name}.log`), 'utf8')
          throw new Error(`${name} ${dead ? 'exited' : 'is not ready after 180 s'}:\n${log.slice(-3000)}`)
        }
        await sleep(50)
      }
    },
    async stop() {
      await Promise.all([...running.keys()].map((name) => end(name)))
      const left = once(guard, 'exit')
      // It is waited for from here on, also where nothing else keeps this process alive.
      guard.ref()
      guard.stdin?.end()
      await left
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  return await Promise.all(
    servers.map(async (server) => {
      const address = server.address()
      server.close()
      await once(server, 'close')
      if (address === null || typeof address === 'string') throw new Error('a port was asked for')
      return address.port
    }),
  )
}
