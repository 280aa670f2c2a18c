import { type FileHandle, open } from 'node:fs/promises'

/** Random reads of one file. Headers are many small reads close together, so those come from a window. */
export interface FileReader {
  readonly size: number
  /** Bytes from `position`; fewer than `length` only at the end of the file. Not to be written to. */
  read(position: number, length: number): Promise<Buffer>
}

const windowBytes = 65_536

/** Opens `path` for the time of `use`. Rejects with the errors of node:fs. */
export async function withReader<T>(path: string, use: (reader: FileReader) => Promise<T>): Promise<T> {
  await using file: FileHandle = await open(path)
  const { size } = await file.stat()
  let window: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) }

  async function readFile(position: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  }

  return await use({
    size,
    async read(position, length) {
      if (length > windowBytes / 4) return await readFile(position, length)
      const { start, bytes } = window
      if (position < start || Math.min(position + length, size) > start + bytes.length) {
        window = { start: position, bytes: await readFile(position, windowBytes) }
      }
      const at = position - window.start
      return window.bytes.subarray(at, at + length)
    },
  })
}
