import type { Stats } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { isJunkName } from '../../codec/index.ts'

/** What a folder holds, met while walking it. `path` is relative to the folder, its parts separated by `/`. */
export type WalkEntry =
  | { kind: 'file'; path: string; stats: Stats }
  | { kind: 'folder'; path: string; stats: Stats }
  | { kind: 'ignored'; path: string; why: Ignored }
  | { kind: 'unreadable'; path: string; error: unknown }

/**
 * Why something is left out:
 * - `junk`: what operating systems leave in folders;
 * - `link`: a symbolic link; what it points to is either in the folder anyway or not part of it, and loops end here;
 * - `special`: a socket, pipe or device;
 * - `own`: an output folder or a working folder of Kompressor.
 */
export const ignoredKinds = ['junk', 'link', 'special', 'own'] as const
export type Ignored = (typeof ignoredKinds)[number]

/** The folder of Kompressor's own notes in an output folder, and the journal in it. */
export const notesFolder = '.kompressor'
export const journalName = 'run.ndjson'
/** The working folder beside outputs that have no folder of their own. */
export const workFolder = '.kompressor-work'

export interface WalkOptions {
  /** Real paths of folders to stay out of. */
  excluded?: ReadonlySet<string>
  signal?: AbortSignal
}

async function hasJournal(folder: string): Promise<boolean> {
  const stats = await stat(path.join(folder, notesFolder, journalName)).catch(() => undefined)
  return stats !== undefined
}

/**
 * Everything below `root`, one entry at a time, folders before their contents, in the order of names. Only the names
 * of the folders on the way down are held. What cannot be read is an entry, not an error.
 */
export async function* walk(root: string, options: WalkOptions = {}): AsyncGenerator<WalkEntry> {
  yield* walkFolder(root, '', undefined, options)
}

async function* walkFolder(
  root: string,
  folder: string,
  stats: Stats | undefined,
  options: WalkOptions,
): AsyncGenerator<WalkEntry> {
  let names: string[]
  try {
    names = await readdir(path.join(root, folder))
  } catch (error) {
    yield { kind: 'unreadable', path: folder || '.', error }
    return
  }
  names.sort()
  // An output of an earlier run: its files are compressed already. Asking for it by name still works.
  if (folder !== '' && names.includes(notesFolder) && (await hasJournal(path.join(root, folder)))) {
    yield { kind: 'ignored', path: folder, why: 'own' }
    return
  }
  if (stats !== undefined) yield { kind: 'folder', path: folder, stats }
  for (const name of names) {
    if (options.signal?.aborted) return
    const relative = folder === '' ? name : `${folder}/${name}`
    yield* walkName(root, relative, name, options)
  }
}

async function* walkName(
  root: string,
  relative: string,
  name: string,
  options: WalkOptions,
): AsyncGenerator<WalkEntry> {
  const absolute = path.join(root, relative)
  if (name === notesFolder || name === workFolder || options.excluded?.has(absolute)) {
    yield { kind: 'ignored', path: relative, why: 'own' }
    return
  }
  let stats: Stats
  try {
    stats = await lstat(absolute)
  } catch (error) {
    yield { kind: 'unreadable', path: relative, error }
    return
  }
  if (stats.isSymbolicLink()) yield { kind: 'ignored', path: relative, why: 'link' }
  else if (stats.isDirectory()) yield* walkFolder(root, relative, stats, options)
  else if (!stats.isFile()) yield { kind: 'ignored', path: relative, why: 'special' }
  else if (isJunkName(name)) yield { kind: 'ignored', path: relative, why: 'junk' }
  else yield { kind: 'file', path: relative, stats }
}
