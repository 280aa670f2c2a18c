import { closeSync, fsync, openSync, read, writev } from 'node:fs'
import { promisify } from 'node:util'

const readAt = promisify(read)
const writeAll = promisify(writev)
const flush = promisify(fsync)

/**
 * A file that is open. Opening and closing take a local disk microseconds, and Node's pool of threads a tenth of a
 * millisecond each, so they are done at once; what waits for the disk, bytes and flushes, goes to the pool.
 *
 *     using file = new OpenFile(path, 'wx')
 *     await file.write([bytes])
 *     await file.flush()
 */
export class OpenFile {
  readonly #fd: number

  /** Throws the system's errors. */
  constructor(path: string, flags: string, mode = 0o666) {
    this.#fd = openSync(path, flags, mode)
  }

  /** Bytes from a position; none at the end of the file. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const { bytesRead, buffer } = await readAt(this.#fd, Buffer.allocUnsafe(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  }

  /** Appends all of it. */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    let rest = chunks.filter(({ length }) => length > 0)
    while (rest.length > 0) rest = behind(rest, (await writeAll(this.#fd, rest)).bytesWritten)
  }

  /** Brings what was written to the disk itself. */
  flush(): Promise<void> {
    return flush(this.#fd)
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

/** What is left of the chunks after their first bytes: the system may take less than it was given. */
export function behind(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let taken = bytes
  return chunks.flatMap((chunk) => {
    const here = Math.min(taken, chunk.length)
    taken -= here
    return here === chunk.length ? [] : [chunk.subarray(here)]
  })
}
