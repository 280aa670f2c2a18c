import { open } from 'node:fs/promises'
import { platform } from 'node:process'

/** Brings what was written to the disk itself. */
export interface Durability {
  file(path: string): Promise<void>
  /** Makes the entries of a folder durable: creations, renames, removals. */
  folder(path: string): Promise<void>
}

/** Windows flushes only what is open for writing, and keeps folders durable by itself. */
const windows = platform === 'win32'

export const fsyncs: Durability = {
  file: (path) => sync(path, windows ? 'r+' : 'r'),
  folder: async (path) => {
    if (!windows) await sync(path, 'r')
  },
}

/** Leaves the writing to the system: a power cut loses or tears the last seconds. */
export const noSyncs: Durability = { file: async () => undefined, folder: async () => undefined }

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
