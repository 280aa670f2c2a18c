import { randomUUID } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Where one file is worked on inside the scratch folder, together with others. */
export interface Scratch {
  /** Where its input goes. Nothing is there yet. */
  input: string
  /** Where what is made of it goes. Nothing is there yet. */
  output: string
  /** Removes both, if they are there. */
  remove(): Promise<void>
}

/** Names in the scratch folder: a folder of its own for each file would cost two steps more. */
export function scratchFor(scratchDir: string): Scratch {
  const input = join(scratchDir, randomUUID())
  const output = `${input}.output`
  return {
    input,
    output,
    async remove() {
      await Promise.all([remove(input), remove(output)])
    },
  }
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
