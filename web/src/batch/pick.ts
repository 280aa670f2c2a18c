import type { Picked } from './intake.ts'

/** Files from an input, with their paths when a folder was chosen. */
export function fromList(files: Iterable<File>): Picked[] {
  return [...files].map((file) => ({ name: file.webkitRelativePath || file.name, file }))
}

/** Everything that was dropped or pasted, folders with all that is in them. Call it in the event: the items are gone later. */
export async function fromTransfer({ items, files }: DataTransfer): Promise<Picked[]> {
  const entries = [...items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null
    return entry === null ? [] : [entry]
  })
  if (entries.length === 0) return fromList(files)
  const picked: Picked[] = []
  for (const entry of entries) await collect(entry, picked)
  return picked
}

async function collect(entry: FileSystemEntry, into: Picked[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    into.push({ name: entry.fullPath, file })
  } else if (isFolder(entry)) {
    for (const child of await childrenOf(entry)) await collect(child, into)
  }
}

/** Browsers give the entries of a folder a hundred at a time. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return children
    children.push(...some)
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
