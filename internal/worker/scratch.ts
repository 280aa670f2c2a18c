import { rm, rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Removes the folder a file was worked on in. The files known to be all there is in it are removed one by one, which takes
 * fewer steps than looking for them; when they are not all, everything in it is looked for.
 */
export async function removeScratch(folder: string, known: readonly string[]): Promise<void> {
  try {
    const paths = new Set(known)
    for (const path of paths) await unlink(path)
    const inner = new Set([...paths].map((path) => dirname(path)))
    inner.delete(folder)
    for (const path of inner) await rmdir(path)
    await rmdir(folder)
  } catch {
    // Whatever kept it there, a file more or one less, this deals with, or says what it cannot deal with.
    await rm(folder, { recursive: true, force: true })
  }
}
