import { isPlain } from '../http/text.ts'

const maxNameBytes = 1024
/** The limit of most file systems. */
const maxSegmentBytes = 255

export type CheckedName = { name: string } | { problem: string }

/**
 * A file's name in the form it is kept in: a relative path, NFC. Names are shown, written into archives and into other
 * people's folders, so one that could leave the folder or forge a line is refused rather than repaired.
 */
export function checkName(given: string): CheckedName {
  const name = given.normalize('NFC')
  const problem = problemOf(name)
  return problem === undefined ? { name } : { problem }
}

function problemOf(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (!isPlain(name)) return 'contains control characters or broken Unicode'
  if (name.startsWith('/') || /^[A-Za-z]:\//.test(name)) return 'is an absolute path; give a relative one'
  if (name.includes('\\')) return 'contains a backslash; separate folders with /'
  const bytes = Buffer.byteLength(name)
  if (bytes > maxNameBytes) return `has ${bytes} bytes; ${maxNameBytes} are allowed`
  for (const segment of name.split('/')) {
    if (segment === '') return 'has an empty part between slashes'
    if (segment === '.' || segment === '..')
      return `has a part "${segment}", which could lead out of its folder`
    const length = Buffer.byteLength(segment)
    if (length > maxSegmentBytes) return `has a part of ${length} bytes; ${maxSegmentBytes} are allowed`
  }
  return undefined
}

/** The name as it can be shown in a message. */
export function quoteName(name: string): string {
  const shown = JSON.stringify(name.toWellFormed())
  return shown.length > 120 ? `${shown.slice(0, 100)}…"` : shown
}
