import { mkdir, mkdtemp, readdir, rm, rmdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Target } from './plan.ts'
import { notesFolder, workFolder } from './walk.ts'

/**
 * The folder where outputs are made before they are moved into place, on the same file system so that moving is one
 * step. Named for its process: two runs into one folder do not disturb each other, and what a killed run left behind
 * is recognised and removed by the next one.
 */
export class Workspace {
  readonly #root: string
  readonly #own: string

  private constructor(root: string, own: string) {
    this.#root = root
    this.#own = own
  }

  static async open(target: Target): Promise<Workspace> {
    const root = target.beside
      ? path.join(target.folder, workFolder)
      : path.join(target.folder, notesFolder, 'work')
    const own = path.join(root, `${os.hostname()}-${process.pid}`)
    await mkdir(own, { recursive: true })
    await removeAbandoned(root)
    return new Workspace(root, own)
  }

  /** An empty folder for one file. */
  async make(): Promise<string> {
    return mkdtemp(`${this.#own}${path.sep}`)
  }

  async close(): Promise<void> {
    await rm(this.#own, { recursive: true, force: true })
    await rmdir(this.#root).catch((error: NodeJS.ErrnoException) => {
      // Another run still works in it.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error
    })
  }
}

/** Removes folders of processes of this machine that are gone; those of other machines may be at work. */
async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const [, host, pid] = /^(.*)-(\d+)$/.exec(name) ?? []
    if (host === os.hostname() && !isAlive(Number(pid))) {
      await rm(path.join(root, name), { recursive: true, force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: alive, of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
