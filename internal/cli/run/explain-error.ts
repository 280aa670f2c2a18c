import { KompressorError, toKompressorError } from '../../errors/index.ts'

const unreadable = new Set(['EACCES', 'EPERM', 'ENOENT', 'EIO', 'ELOOP', 'ENAMETOOLONG', 'EBUSY'])

/** A system error names the path it was about; one about the original is the file's fault, others are the output folder's. */
export function explain(item: { original: string; shown: string }, cause: unknown): KompressorError {
  if (cause instanceof KompressorError || !(cause instanceof Error) || !('code' in cause)) {
    return toKompressorError(cause)
  }
  const about = 'path' in cause ? cause.path : undefined
  if (about === item.original && unreadable.has(String(cause.code))) {
    return new KompressorError('unreadable_input', `${item.shown} cannot be read: ${systemMessage(cause)}`, {
      cause,
    })
  }
  return toKompressorError(cause, 'storage_unavailable')
}

/** `EACCES: permission denied, open '/x'` → `permission denied` */
export function systemMessage(error: Error): string {
  return /^[A-Z0-9]+: (.*?)(?:, \w+.*)?$/.exec(error.message)?.[1] ?? error.message
}
