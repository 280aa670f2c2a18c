import type { Batch } from '../api/index.ts'

/** The longest name the service takes. */
const longest = 200

/**
 * What a batch of these files is called, to find it again: the folder they all came in, or the first of them and how many
 * more there are.
 */
export function nameFor(names: readonly string[]): string {
  const [first = ''] = names
  const folder = first.slice(0, first.indexOf('/') + 1)
  const isFolder = folder !== '' && names.every((name) => name.startsWith(folder))
  const more = names.length > 1 ? ` and ${names.length - 1} more` : ''
  const what = isFolder ? folder.slice(0, -1) : first.slice(first.lastIndexOf('/') + 1)
  // Control characters would be refused, and with them the batch instead of the file.
  const usable =
    what
      .toWellFormed()
      .replace(/\p{Cc}/gu, ' ')
      .trim() || 'Files'
  return isFolder ? usable.slice(0, longest) : `${usable.slice(0, longest - more.length)}${more}`
}

/** What a batch is called; those nobody named, by their id. */
export function nameOf({ name, id }: Pick<Batch, 'name' | 'id'>): string {
  return name ?? `Batch ${id.slice(-8)}`
}

/** `shop:north`, as tags are shown and searched for. */
export function tagsOf({ tags }: Pick<Batch, 'tags'>): string[] {
  return Object.entries(tags).map(([key, value]) => `${key}:${value}`)
}
