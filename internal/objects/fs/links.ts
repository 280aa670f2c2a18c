import { createReadStream, createWriteStream } from 'node:fs'
import { link, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { throwIfAborted } from '../content.ts'
import { hasCode } from '../system-error.ts'

/** Another device, a file of someone else's, too many links, or a file system without links. */
const cannotLink = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'] as const

/** Makes `to` another name of the file `from`. False when these two places cannot share a file. */
export async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (hasCode(error, ...cannotLink)) return false
    throw error
  }
}

/** Copies a file to a path that does not exist; leaves nothing there after a failure. */
export async function copyOut(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pipeline(createReadStream(from), createWriteStream(to, { flags: 'wx' }), signal ? { signal } : {})
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) await rm(to, { force: true })
    throwIfAborted(signal)
    throw error
  }
}
