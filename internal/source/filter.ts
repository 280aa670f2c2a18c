import picomatch from 'picomatch'
import { z } from 'zod'
import { isJunkName } from '../codec/index.ts'
import { KompressorError } from '../errors/index.ts'
import { notesPrefix } from '../ledger/index.ts'
import type { ObjectInfo } from '../objects/index.ts'

/** Which objects below a prefix a job reads. Globs are matched with the key below the prefix, whole, dots included. */
export const sourceFilterSchema = z.strictObject({
  include: z
    .array(z.string().min(1))
    .default([])
    .describe('Only keys that match one of these globs; all when empty.'),
  exclude: z.array(z.string().min(1)).default([]).describe('Not those that match one of these.'),
  minSize: z.int().nonnegative().optional().describe('Bytes.'),
  maxSize: z.int().nonnegative().optional().describe('Bytes.'),
  modifiedAfter: z.coerce.date().optional(),
  storageClasses: z
    .array(z.string().min(1))
    .default(['STANDARD'])
    .describe('Objects of other classes are skipped: reading archives costs a restore.'),
})

export type SourceFilter = z.infer<typeof sourceFilterSchema>

/** `work`, `left_out` (no file of the job), or the reason it is skipped for. */
export type Verdict = 'work' | 'left_out' | 'junk' | 'archived_storage_class'

/**
 * Decides about objects as they are listed. Throws invalid_configuration when a glob cannot be understood.
 *
 * @param prefix the source's, not part of what globs see
 */
export function createFilter(filter: SourceFilter, prefix: string): (object: ObjectInfo) => Verdict {
  const included = filter.include.length === 0 ? () => true : matcher('include', filter.include)
  const excluded = filter.exclude.length === 0 ? () => false : matcher('exclude', filter.exclude)
  const { minSize = 0, maxSize = Number.POSITIVE_INFINITY } = filter
  const after = filter.modifiedAfter?.getTime() ?? Number.NEGATIVE_INFINITY
  const classes = new Set(filter.storageClasses)
  return ({ key, size, lastModified, attributes }) => {
    const path = key.slice(prefix.length)
    // A folder's marker, or what we wrote ourselves.
    if (path === '' || (path.endsWith('/') && size === 0) || isNotes(key)) return 'left_out'
    if (!included(path) || excluded(path)) return 'left_out'
    if (size < minSize || size > maxSize || lastModified.getTime() <= after) return 'left_out'
    if (isJunkName(path.slice(path.lastIndexOf('/') + 1))) return 'junk'
    if (!classes.has(attributes.storageClass ?? 'STANDARD')) return 'archived_storage_class'
    return 'work'
  }
}

function isNotes(key: string): boolean {
  return key.startsWith(notesPrefix) || key.includes(`/${notesPrefix}`)
}

function matcher(option: string, globs: readonly string[]): (path: string) => boolean {
  const matchers = globs.map((glob) => {
    try {
      return picomatch(glob, { dot: true, strictBrackets: true })
    } catch (cause) {
      throw new KompressorError('invalid_configuration', `${option}: ${glob} is not a glob`, { cause })
    }
  })
  return (path) => matchers.some((matches) => matches(path))
}
