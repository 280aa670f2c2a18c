import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { chmod, copyFile, link, lstat, rename, stat, unlink, utimes } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What the source was like: outputs take over its times and permissions. */
export interface SourceStats {
  size: number
  mtime: Date
  atime: Date
  mode: number
}

export interface PlaceOptions {
  /** Replace what is there. */
  overwrite: boolean
}

/**
 * Moves a finished file to its place in one step: readers see the whole output or none, whatever happens meanwhile.
 *
 * @returns false when something else is there and may not be overwritten; the same bytes there count as placed
 */
export async function place(
  file: string,
  destination: string,
  source: SourceStats,
  { overwrite }: PlaceOptions,
): Promise<boolean> {
  await chmod(file, source.mode & 0o777)
  await utimes(file, source.atime, source.mtime)
  if (overwrite) {
    await rename(file, destination)
    return true
  }
  if (await linkNew(file, destination)) return true
  return sameBytes(file, destination)
}

/** Puts a copy of the original into `workspace`, shared with it where the file system can. */
export async function copyOriginal(original: string, workspace: string): Promise<string> {
  const copy = path.join(workspace, 'original')
  await copyFile(original, copy, constants.COPYFILE_FICLONE)
  return copy
}

/** False when the destination exists. */
async function linkNew(file: string, destination: string): Promise<boolean> {
  try {
    await link(file, destination)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error
    // File systems without hard links (FAT, some network drives): look, then move. Nothing there makes the two one step.
    if (await exists(destination)) return false
    await rename(file, destination)
    return true
  }
  await unlink(file)
  return true
}

/** Whether anything has that name. */
export async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}

/** Bytes of a regular file; undefined when there is none of that name. */
export async function sizeOf(file: string): Promise<number | undefined> {
  try {
    const stats = await lstat(file)
    return stats.isFile() ? stats.size : undefined
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

async function sameBytes(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(a), lstat(b)])
  if (!other.isFile() || one.size !== other.size) return false
  const [hashA, hashB] = await Promise.all([hashFile(a), hashFile(b)])
  return hashA === hashB
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
