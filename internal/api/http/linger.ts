import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

/** A client that is still sending after this long is not going to listen. */
const longestMs = 10_000
/** Less than this fits in the buffers on the way: reading it is cheaper than a new connection. */
const smallBody = 64 * 1024

/** Whether so much of the body may still be under way that the answer needs care. */
export function isStillSending(incoming: IncomingMessage): boolean {
  if (incoming.complete || incoming.destroyed) return false
  if (incoming.headers['transfer-encoding'] !== undefined) return true
  return Number(incoming.headers['content-length'] ?? 0) > smallBody
}

/**
 * An answer to a client that has not finished sending. Closing at once would reset the connection and the client would
 * see ECONNRESET instead of the answer, so the whole answer goes out first, announced as the last one, and what still
 * comes in is read and dropped until the client stops.
 */
export function lingering(answer: Uint8Array, incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let answered = false
  return new ReadableStream({
    async pull(controller) {
      if (!answered) {
        answered = true
        controller.enqueue(answer)
        return
      }
      await drained(incoming)
      controller.close()
    },
  })
}

/** Reads and drops what is left of a stream somebody stopped reading half-way. */
export function discardRest(stream: Readable): void {
  // An iterator that was left waiting keeps listening, and that keeps the stream from flowing.
  stream.removeAllListeners('readable')
  setImmediate(() => stream.resume())
}

function drained(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, longestMs)
    function done() {
      clearTimeout(timer)
      resolve()
    }
    if (incoming.complete || incoming.destroyed) return done()
    incoming.once('end', done).once('close', done).once('error', done)
    discardRest(incoming)
  })
}
