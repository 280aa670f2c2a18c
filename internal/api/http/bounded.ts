import type { Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { KompressorError } from '../../errors/index.ts'

export interface Bounds {
  maxBytes: number
  /** What a body that is longer ends with. */
  refusal: () => KompressorError
  /** What a body without bytes ends with; absent: nothing. */
  empty?: () => KompressorError
  /** Fed with every byte. */
  hash?: Hash
}

/**
 * The chunks of a body that came over the network, until one byte too many. Fails with upload_incomplete when the client
 * went away. The source is left open: destroying a request's body would destroy the connection its answer needs.
 */
export async function* bounded(source: Readable, bounds: Bounds): AsyncGenerator<Uint8Array> {
  const { maxBytes, refusal, empty, hash } = bounds
  let received = 0
  for await (const chunk of chunksOf(source)) {
    received += chunk.length
    if (received > maxBytes) throw refusal()
    hash?.update(chunk)
    yield chunk
  }
  if (received === 0 && empty !== undefined) throw empty()
}

/**
 * The same as a stream, for whoever takes one. Its error reaches whoever reads it; when nobody does any more (a store that
 * gave up), it has nobody to reach and must not end the process.
 */
export function boundedStream(source: Readable, bounds: Bounds): Readable {
  return Readable.from(bounded(source, bounds), { objectMode: false }).on('error', ignore)
}

/** For errors that reach somebody in another way. */
export function ignore(_error: unknown): void {
  return
}

async function* chunksOf(source: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      if (chunk instanceof Uint8Array) yield chunk
    }
  } catch (error) {
    throw cutOff(error)
  }
}

function cutOff(cause: unknown): KompressorError {
  if (cause instanceof KompressorError) return cause
  return new KompressorError('upload_incomplete', 'the connection ended before the body did; send it again', {
    cause,
  })
}
