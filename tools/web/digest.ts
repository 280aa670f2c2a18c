import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** What the pages are made from, besides the packages the lock file names. */
const sources = [
  'web/{src,public}/**/*',
  'web/{index.html,vite.config.ts}',
  'tools/web/*.ts',
  'internal/errors/codes.ts',
  'package-lock.json',
]

/** Changes when any of the sources of the pages does. Tests are left out. */
export function digestOf(root: string): string {
  const files = globSync(sources, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}
