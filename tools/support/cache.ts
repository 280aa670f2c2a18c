import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where downloads and builds are kept between runs: KOMPRESSOR_CACHE, or ~/.cache/kompressor. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  return env.KOMPRESSOR_CACHE || path.join(os.homedir(), '.cache', 'kompressor')
}

/**
 * The file or folder, made when it is missing. `make` writes to the path it is given, which is renamed when it has
 * succeeded: what is in the cache is whole. Of two processes that want the same one makes it and the other waits.
 */
export async function cached(file: string, make: (target: string) => Promise<void>): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true })
  while (!(await exists(file))) {
    const release = await lock(`${file}.lock`)
    if (release === undefined) {
      await sleep(200)
      continue
    }
    const target = `${file}.${process.pid}.part`
    try {
      // Somebody may have finished it between the look and the lock.
      if (!(await exists(file))) {
        await make(target)
        await rename(target, file)
      }
    } finally {
      await rm(target, { recursive: true, force: true })
      await release()
    }
  }
  return file
}

/** Takes the lock, or says that a living process has it. What a dead one left is taken away. */
async function lock(file: string): Promise<(() => Promise<void>) | undefined> {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(`${process.pid}\n`)
    await handle.close()
    return () => rm(file, { force: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const owner = Number(await readFile(file, 'utf8').catch(() => '0'))
    // Zero is a lock that is being written or taken away at this moment.
    if (owner > 0 && !alive(owner)) await rm(file, { force: true })
    return undefined
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

export async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  )
}
