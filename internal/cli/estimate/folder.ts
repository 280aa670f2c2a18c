import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type CompressionOptions, predictUploadCost } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { Frame } from '../../estimate/index.ts'
import type { SkippedObjects, SurveySource } from '../../survey/index.ts'
import { lookUpInputs } from '../run/inputs.ts'
import { walk } from '../run/walk.ts'

/**
 * The real path of a folder that was named.
 *
 * @throws KompressorError invalid_configuration: it is not there, or a file
 */
export async function folderNamed(given: string): Promise<string> {
  const [input] = await lookUpInputs([given])
  if (input?.stats.isDirectory()) return input.real
  throw new KompressorError(
    'invalid_configuration',
    `${given} is a file; kompressor inspect says what would be done with it`,
  )
}

/** Walks a folder into a frame. */
export async function listFolder(
  frame: Frame<string>,
  root: string,
  { options, now, signal }: { options: CompressionOptions; now: Date; signal: AbortSignal },
): Promise<SkippedObjects> {
  const skipped: SkippedObjects = new Map()
  for await (const entry of walk(root, { signal })) {
    if (entry.kind === 'file') {
      const { size, mtimeMs } = entry.stats
      frame.add({
        path: entry.path,
        size,
        predictedMs: predictUploadCost({ name: entry.path, size }, options),
        storageClass: 'STANDARD',
        ageDays: (now.getTime() - mtimeMs) / 86_400_000,
        ref: path.join(root, entry.path),
      })
    } else if (entry.kind !== 'folder') {
      const why = entry.kind === 'ignored' ? entry.why : 'unreadable'
      skipped.set(why, (skipped.get(why) ?? 0) + 1)
    }
  }
  signal.throwIfAborted()
  return skipped
}

/** Files where they are. */
export const folderSource: SurveySource<string> = {
  async fetch({ ref }) {
    try {
      await stat(ref)
    } catch (cause) {
      throw new KompressorError('unreadable_input', `${ref} cannot be read`, { cause })
    }
    return ref
  },
}
