import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { sourcePath, withoutTypes } from './strip.ts'

/** A module named by its own extension: new URL(`./child${extname(import.meta.url)}`, …). */
const siblingPath = /`(\.{1,2}\/[^`$\s]+)\$\{extname\(import\.meta\.url\)\}`/g
const packageImport = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^'"]*)?\1/g
const commentLine = /^\s*(?:\/\/|\/?\*).*$/gm

export interface Sources {
  /** Paths below the root, in order. */
  files: string[]
  /** Names of packages they import at run time. */
  packages: string[]
}

/**
 * Every TypeScript file that the entries reach at run time.
 *
 * @throws Error naming a path that leads nowhere
 */
export function findSources(root: string, entries: readonly string[]): Sources {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string) => {
    if (files.has(file)) return
    files.add(file)
    // Without types, so that what is imported for its types alone is not followed.
    const text = withoutTypes(readFileSync(path.join(root, file), 'utf8')).replace(commentLine, '')
    for (const [, , stem = ''] of text.matchAll(sourcePath)) visit(follow(root, file, stem))
    for (const [, stem = ''] of text.matchAll(siblingPath)) visit(follow(root, file, stem))
    for (const [, , name = ''] of text.matchAll(packageImport)) {
      if (!builtinModules.includes(name)) packages.add(name)
    }
  }
  for (const entry of entries) visit(entry)
  return { files: [...files].sort(), packages: [...packages].sort() }
}

function follow(root: string, from: string, stem: string): string {
  const file = path.join(path.dirname(from), `${stem}.ts`)
  if (!existsSync(path.join(root, file))) throw new Error(`${from} names ${file}, which does not exist`)
  return file
}
