import type { ErrorCode } from '../../errors/index.ts'
import { checkName, quoteName } from '../files/name.ts'
import { type Fault, FaultyRequest, pointerTo } from '../http/faults.ts'
import type { ManifestFile } from './schema.ts'

/**
 * The files of a manifest with their names as they are kept. Throws invalid_name, duplicate_name and file_too_large, each
 * naming every file concerned.
 */
export function checkManifest(files: readonly ManifestFile[], maxFileBytes: number): ManifestFile[] {
  const checked = checkNames(files)
  refuse('duplicate_name', duplicates(checked))
  refuse(
    'file_too_large',
    checked.flatMap(({ size }, index) =>
      size <= maxFileBytes
        ? []
        : [
            {
              pointer: pointerTo(['files', index, 'size']),
              detail: `${size} bytes; the limit is ${maxFileBytes}`,
            },
          ],
    ),
  )
  return checked
}

function checkNames(files: readonly ManifestFile[]): ManifestFile[] {
  const problems: Fault[] = []
  const checked = files.map((file, index) => {
    const result = checkName(file.name)
    if ('name' in result) return { ...file, name: result.name }
    const detail = `the name ${quoteName(file.name)} ${result.problem}`
    problems.push({ pointer: pointerTo(['files', index, 'name']), detail })
    return file
  })
  refuse('invalid_name', problems)
  return checked
}

function duplicates(files: readonly ManifestFile[]): Fault[] {
  const first = new Map<string, number>()
  return files.flatMap(({ name }, index) => {
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, index)
      return []
    }
    const detail = `${quoteName(name)} is also the name of file ${earlier}`
    return [{ pointer: pointerTo(['files', index, 'name']), detail }]
  })
}

function refuse(code: ErrorCode, faults: readonly Fault[]): void {
  if (faults.length > 0) throw new FaultyRequest(code, faults)
}
