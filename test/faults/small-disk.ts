import { execFile } from 'node:child_process'
import { mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  path: string
  /** Fills it up to this many bytes. Repeatable: fills up what has become free since. */
  fill(leaveFree: number): Promise<void>
  /** Takes the filling out again. */
  drain(): Promise<void>
  remove(): Promise<void>
}

/** Mounts a small file system in memory; undefined where that is not permitted (it needs Linux and root). */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'kompressor-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  } catch (error) {
    await rm(path, { recursive: true })
    console.warn(`DISK FULL IS NOT TESTED HERE: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
  const filler = join(path, 'filler')
  return {
    path,
    async fill(leaveFree) {
      const { bavail, bsize } = await statfs(path)
      const file = await open(filler, 'a')
      try {
        const bytes = bavail * bsize - leaveFree
        if (bytes > 0) await file.write(Buffer.alloc(bytes))
      } finally {
        await file.close()
      }
    },
    drain: () => rm(filler, { force: true }),
    async remove() {
      await run('umount', ['--lazy', path])
      await rm(path, { recursive: true })
    },
  }
}
