import { createHash } from 'node:crypto'
import { isReadable, type Readable } from 'node:stream'
import { KompressorError, toKompressorError } from '../errors/index.ts'

export interface Content {
  /** Bytes. */
  size: number
  /** Lower-case hex. */
  sha256: string
}

export interface Expectations {
  size?: number
  sha256?: string
  signal?: AbortSignal
}

/**
 * Reads the body to its end, handing every chunk to `write` and waiting for it, and says what came by.
 *
 * Throws upload_incomplete when the body breaks off, size_mismatch and checksum_mismatch (the size as soon as it is
 * exceeded), cancelled or the signal's own KompressorError when aborted, and whatever `write` throws. A body that
 * fails with a KompressorError (a limit, say) fails with that. Leaves the body to its owner, except that aborting
 * destroys it: nothing else ends a read that waits for ever.
 */
export async function consume(
  body: Readable,
  expected: Expectations,
  write?: (chunk: Uint8Array) => Promise<void>,
): Promise<Content> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of chunksOf(body, expected.signal)) {
    size += chunk.length
    if (expected.size !== undefined && size > expected.size) {
      throw new KompressorError('size_mismatch', `The body has more than the expected ${expected.size} bytes`)
    }
    hash.update(chunk)
    await write?.(chunk)
  }
  const sha256 = hash.digest('hex')
  checkContent(size, () => sha256, expected)
  return { size, sha256 }
}

/** Throws size_mismatch and checksum_mismatch unless the bytes are what is expected of them. */
export function checkBytes(bytes: Uint8Array, expected: Expectations): void {
  checkContent(bytes.length, () => createHash('sha256').update(bytes).digest('hex'), expected)
}

function checkContent(size: number, sha256: () => string, expected: Expectations): void {
  if (expected.size !== undefined && size !== expected.size) {
    throw new KompressorError('size_mismatch', `The body has ${size} bytes, ${expected.size} were expected`)
  }
  if (expected.sha256 === undefined || sha256() === expected.sha256) return
  throw new KompressorError('checksum_mismatch', `The body has SHA-256 ${sha256()}, not ${expected.sha256}`)
}

/** Throws what an aborted signal stands for. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw toKompressorError(signal.reason, 'cancelled')
}

/** Destroys the stream with what the signal stands for. Returns a function that forgets the signal. */
export function destroyOnAbort(stream: Readable, signal: AbortSignal | undefined): () => void {
  const onAbort = () => {
    // Readers get the error whenever they come; an owner who does not read yet must not be killed by it.
    stream.on('error', () => undefined)
    stream.destroy(toKompressorError(signal?.reason, 'cancelled'))
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  return () => signal?.removeEventListener('abort', onAbort)
}

async function* chunksOf(body: Readable, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  throwIfAborted(signal)
  // A stream read to its end before would look like an empty file.
  if (!isReadable(body)) {
    throw new KompressorError('upload_incomplete', 'The body was read or closed before', {
      cause: body.errored,
    })
  }
  const forget = destroyOnAbort(body, signal)
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) yield toBytes(chunk)
  } catch (error) {
    throwIfAborted(signal)
    throw toKompressorError(error, 'upload_incomplete')
  } finally {
    forget()
  }
  throwIfAborted(signal)
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  throw new KompressorError('internal', `A body must yield bytes or text, not ${typeof chunk}`)
}
