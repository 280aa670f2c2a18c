import { KompressorError } from '../../errors/index.ts'
import type { FileRow } from '../../store/index.ts'

/** Bytes of a file that can be downloaded, and under what name. */
export interface Artifact {
  key: string
  /** A path; the last part is the file's own name. */
  name: string
  /** From the bytes. Unknown until somebody has looked at them: what uploaders declare is not passed on as a fact. */
  type: string
  encoding?: 'zstd' | 'br' | 'gzip'
}

const unknownType = 'application/octet-stream'

/** What became of a file: its output, or the original when that was kept or skipped. Throws no_output. */
export function contentOf(file: FileRow): Artifact {
  const { id, state, result } = file
  if (result === null) {
    const why = state === 'failed' ? `it failed: ${file.errorCode}` : `it is ${state}`
    throw new KompressorError('no_output', `file ${id} has no output, ${why}`)
  }
  const [output] = result.outputs
  if (output === undefined) return originalOf(file)
  const { key, name, type, contentEncoding: encoding } = output
  return { key, name: besides(file.name, name), type, ...(encoding && { encoding }) }
}

/** A file as it was uploaded. Throws upload_missing. */
export function originalOf({ id, state, uploadKey, name, result }: FileRow): Artifact {
  if (state === 'pending') throw new KompressorError('upload_missing', `file ${id} has not been uploaded`)
  return { key: uploadKey, name, type: result?.type ?? unknownType }
}

/** The output's name in the folder of the input's. */
function besides(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name.slice(name.lastIndexOf('/') + 1)
}
