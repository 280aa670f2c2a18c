import { randomUUID } from 'node:crypto'
import { rm, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where one file is worked on inside the scratch folder, together with others. */
export interface Scratch {
  /** Where its input goes. Nothing is there yet. */
  input: string
  /** Removes the input and what the compressor made of it, whichever there are. */
  remove(outputs: readonly string[]): Promise<void>
}

/** A folder of its own for each file would cost two steps more; the compressor makes one for the outputs already. */
export function scratchFor(scratchDir: string): Scratch {
  const input = join(scratchDir, randomUUID())
  return {
    input,
    async remove(outputs) {
      const made = outputs.filter((path) => path !== input)
      const folders = new Set(made.map((path) => dirname(path)))
      folders.delete(scratchDir)
      try {
        for (const path of [input, ...made]) await unlink(path)
        for (const path of folders) await rmdir(path)
      } catch {
        // Whatever kept it there, a file more or one less, this deals with, or says what it cannot deal with.
        for (const path of [input, ...made, ...folders]) await rm(path, { recursive: true, force: true })
      }
    },
  }
}
