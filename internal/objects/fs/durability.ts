import { platform } from 'node:process'
import { OpenFile } from './open-file.ts'

/** Brings what was written to the disk itself. */
export interface Durability {
  file(path: string): Promise<void>
  /** A file that is open, with `flushable` or for writing. */
  opened(file: OpenFile): Promise<void>
  /** Makes the entries of a folder durable: creations, renames, removals. */
  folder(path: string): Promise<void>
}

/** Windows flushes only what is open for writing, and keeps folders durable by itself. */
const windows = platform === 'win32'

/** How to open a file that is only read and then flushed. */
export const flushable = windows ? 'r+' : 'r'

export const fsyncs: Durability = {
  file: (path) => sync(path, flushable),
  opened: (file) => file.flush(),
  folder: async (path) => {
    if (!windows) await sync(path, 'r')
  },
}

/** Leaves the writing to the system: a power cut loses or tears the last seconds. */
export const noSyncs: Durability = {
  file: async () => undefined,
  opened: async () => undefined,
  folder: async () => undefined,
}

async function sync(path: string, flags: string): Promise<void> {
  using file = new OpenFile(path, flags)
  await file.flush()
}
