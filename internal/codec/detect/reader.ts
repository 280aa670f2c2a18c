import { type FileHandle, open } from 'node:fs/promises'

/** Random reads of one file. */
export interface FileReader {
  readonly size: number
  /** Bytes from `position`; fewer than `length` only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>
}

/** Opens `path` for the time of `use`. Rejects with the errors of node:fs. */
export async function withReader<T>(path: string, use: (reader: FileReader) => Promise<T>): Promise<T> {
  await using file: FileHandle = await open(path)
  const { size } = await file.stat()
  return await use({
    size,
    async read(position, length) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
      return buffer.subarray(0, bytesRead)
    },
  })
}
