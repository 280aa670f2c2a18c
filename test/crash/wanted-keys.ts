import type { ApiFile } from './client.ts'

/** Keys of the objects that may exist: the upload of every file, and the outputs it names. */
export function wantedKeys(files: readonly ApiFile[]): Set<string> {
  const outputs = files.flatMap((file) => (file.result?.outputs ?? []).map((output) => output.key))
  return new Set([...outputs, ...files.map((file) => `in/default/${file.id}`)])
}
