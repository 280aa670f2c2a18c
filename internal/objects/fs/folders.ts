import { mkdir, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KompressorError } from '../../errors/index.ts'
import { hasCode, unlessCode } from '../system-error.ts'
import type { Durability } from './durability.ts'

/** Attempts to enter a folder that others keep pruning. Losing twice in a row is already rare. */
const maxAttempts = 100

/** Creates folders when something is put into them and removes them when they are empty, both while others do the same. */
export class Folders {
  readonly #durability: Durability
  readonly #making = new Map<string, Promise<void>>()

  constructor(durability: Durability) {
    this.#durability = durability
  }

  /** Runs `enter`, which puts something into the folder, creating the folder when `enter` fails for want of it. */
  async within<T>(folder: string, enter: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        // A folder that is there may not be durable yet: its maker is still syncing the parent.
        await this.#making.get(folder)
        return await enter()
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) throw error
        if (attempt === maxAttempts) {
          throw new KompressorError('storage_unavailable', `The folder ${folder} keeps vanishing`, {
            cause: error,
          })
        }
      }
      await this.make(folder)
    }
  }

  /** Creates a folder and its parents durably; existing ones are fine. */
  make(folder: string): Promise<void> {
    const running = this.#making.get(folder)
    if (running !== undefined) return running
    const making = this.#make(folder).finally(() => this.#making.delete(folder))
    this.#making.set(folder, making)
    return making
  }

  async #make(folder: string): Promise<void> {
    const parent = dirname(folder)
    try {
      await mkdir(folder)
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return
      if (!hasCode(error, 'ENOENT') || parent === folder) throw error
      await this.within(parent, () => unlessCode(mkdir(folder), 'EEXIST'))
    }
    await this.#durability.folder(parent)
  }

  /** Removes the folder and those above it, below `root`, as far as they are empty. */
  async prune(folder: string, root: string): Promise<void> {
    for (let path = folder; path !== root; path = dirname(path)) {
      try {
        await rmdir(path)
      } catch (error) {
        // Windows and some network systems answer EPERM or EBUSY for a folder in use.
        if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY')) return
        if (!hasCode(error, 'ENOENT')) throw error
      }
    }
  }
}
