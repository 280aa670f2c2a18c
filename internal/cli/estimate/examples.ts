import { constants } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { KompressorError } from '../../errors/index.ts'
import type { Candidate, Estimate, Stratum } from '../../estimate/index.ts'
import { type Surveying, withPair } from '../../survey/index.ts'

/**
 * Writes the examples of an estimate before and after: `best-1-before.jpg`, `best-1-after.jpg`, and so on. They are compressed
 * once more: until everything was looked at nobody knew which to keep.
 *
 * @returns how many pairs were written
 * @throws KompressorError storage_unavailable: the folder cannot be written, or has files of that name
 */
export async function writeExamples<T>(
  folder: string,
  { examples }: Pick<Estimate, 'examples'>,
  plan: readonly Stratum<T>[],
  surveying: Surveying<T>,
): Promise<number> {
  const byPath = new Map(plan.flatMap(({ sample }) => sample).map((file) => [file.path, file]))
  let written = 0
  try {
    await mkdir(folder, { recursive: true })
    for (const [end, list] of Object.entries(examples)) {
      for (const [index, example] of list.entries()) {
        const file = byPath.get(example.path)
        if (
          file !== undefined &&
          (await writePair(path.join(folder, `${end}-${index + 1}`), file, surveying))
        ) {
          written += 1
        }
      }
    }
  } catch (cause) {
    if (cause instanceof KompressorError || !(cause instanceof Error) || !('code' in cause)) throw cause
    const why = cause.code === 'EEXIST' ? 'it has examples already' : cause.message
    throw new KompressorError('storage_unavailable', `--examples ${folder} cannot be written: ${why}`, {
      cause,
    })
  }
  return written
}

/** False when there is nothing to lay beside the original. */
function writePair<T>(stem: string, file: Candidate<T>, surveying: Surveying<T>): Promise<boolean> {
  return withPair(file, surveying, async (pair) => {
    if (pair.kind !== 'compressed') return false
    const [output] = pair.compressed.outputs
    if (output === undefined) return false
    await copyFile(pair.input, `${stem}-before${path.posix.extname(file.path)}`, constants.COPYFILE_EXCL)
    await copyFile(output.path, `${stem}-after${path.posix.extname(output.name)}`, constants.COPYFILE_EXCL)
    return true
  })
}
