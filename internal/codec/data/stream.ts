import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { type Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { KompressorError } from '../../errors/index.ts'

export interface StreamJob {
  input: string
  /** Must not exist. Left behind, complete or partial, whatever happens: the caller decides about it. */
  output: string
  compressor: Transform
  decompressor: Transform
  /** Bytes the output may have. */
  maxBytesOut: number
  signal?: AbortSignal
}

export interface Streamed {
  /** False when the output outgrew `maxBytesOut`: the work stopped there and the output is to be thrown away. */
  fits: boolean
  bytesIn: number
  bytesOut: number
  /** SHA-256 of input and output, lower-case hex. */
  sha256In: string
  sha256Out: string
}

/** Stops the pipeline when the output is larger than it may be; never leaves this file. */
class Outgrown extends Error {}

/** Bytes read at once. */
const readSize = 1024 * 1024

/**
 * Compresses a file and proves the output, in one pass and constant memory:
 *
 *     input → hash → compressor ─┬→ hash → output
 *                                └→ decompressor → hash, which must equal the input's
 *
 * Each arrow carries backpressure, so the slowest part sets the pace and nothing piles up. The decoder sees the very
 * chunks that are written, so checking needs no second read of the output.
 */
export async function compressAndVerify(job: StreamJob): Promise<Streamed> {
  const hashes = { in: createHash('sha256'), out: createHash('sha256'), decoded: createHash('sha256') }
  let bytesIn = 0
  let bytesOut = 0
  // Either pipeline's failure must end the other one, which would otherwise wait for it for ever.
  const stop = new AbortController()
  const signal = job.signal ? AbortSignal.any([job.signal, stop.signal]) : stop.signal

  async function* hashInput(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      bytesIn += chunk.length
      hashes.in.update(chunk)
      yield chunk
    }
  }

  async function* teeToDecoder(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      bytesOut += chunk.length
      if (bytesOut > job.maxBytesOut) throw new Outgrown()
      hashes.out.update(chunk)
      if (!job.decompressor.write(chunk)) await once(job.decompressor, 'drain', { signal })
      yield chunk
    }
    job.decompressor.end()
  }

  const compressing = pipeline(
    createReadStream(job.input, { highWaterMark: readSize }),
    hashInput,
    job.compressor,
    teeToDecoder,
    createWriteStream(job.output, { flags: 'wx' }),
    { signal },
  )
  const decoding = pipeline(job.decompressor, hashSink(hashes.decoded), { signal }).catch(
    (error: unknown) => {
      throw signal.aborted ? error : notVerified(job.input, error)
    },
  )

  let cause: unknown
  const failed = (error: unknown) => {
    // The first failure is the reason; what follows is the other pipeline being told to stop.
    cause ??= error
    stop.abort()
  }
  await Promise.all([compressing.catch(failed), decoding.catch(failed)])
  if (cause !== undefined && !(cause instanceof Outgrown)) throw cause

  const sha256In = hashes.in.digest('hex')
  const fits = cause === undefined
  if (fits && hashes.decoded.digest('hex') !== sha256In) throw notVerified(job.input)
  return { fits, bytesIn, bytesOut, sha256In, sha256Out: hashes.out.digest('hex') }
}

/** SHA-256 of a file, lower-case hex. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(
    createReadStream(path, { highWaterMark: readSize }),
    hashSink(hash),
    signal ? { signal } : {},
  )
  return hash.digest('hex')
}

/** A hash is a stream too, but one that keeps its digest to itself until it is read. */
function hashSink(hash: Hash): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done()
    },
  })
}

function notVerified(input: string, cause?: unknown): KompressorError {
  return new KompressorError(
    'verification_failed',
    `what was compressed from ${input} does not decode to it again`,
    { cause },
  )
}
