import { KompressorError, toKompressorError } from '../../errors/index.ts'
import { hasCode } from '../system-error.ts'

/** Counts the calls under way, so that closing can wait for them, and gives their errors a code. */
export class Operations {
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  async run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new KompressorError('shutting_down', 'The object store is closed')
    const running = operation()
    this.#running.add(running)
    try {
      return await running
    } catch (error) {
      throw translate(error)
    } finally {
      this.#running.delete(running)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
  }
}

function translate(error: unknown): KompressorError {
  if (hasCode(error, 'ENAMETOOLONG')) {
    return new KompressorError('invalid_name', 'The key is too long for the file system of this store', {
      cause: error,
    })
  }
  // Wrong local paths given by the caller are no fault of the store.
  if (hasCode(error, 'ENOENT', 'EEXIST', 'EISDIR', 'ENOTDIR')) return toKompressorError(error)
  return toKompressorError(
    error,
    error instanceof Error && 'syscall' in error ? 'storage_unavailable' : 'internal',
  )
}
