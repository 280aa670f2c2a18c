import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface AttachOptions {
  maxFileBytes: number
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>
  closing: AbortSignal
}

/** Connections that became idle while the server closes are looked for this often. */
const idleCheckMs = 50

/** A server whose requests are answered, and which can be closed although clients keep their connections. */
export class AttachedServer {
  readonly #server: Server
  /** Connections that have not sent a request yet: Node does not count them as idle. */
  readonly #unused = new Set<Socket>()

  constructor(server: Server, { maxFileBytes, listener, closing }: AttachOptions) {
    this.#server = server
    // Node would cut every upload that takes longer than five minutes; silent ones are cut where they are read.
    server.requestTimeout = 0
    // Longer than clients and load balancers keep theirs: whoever closes first must not be in the middle of our next request.
    server.keepAliveTimeout = 75_000
    const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
      this.#unused.delete(incoming.socket)
      if (closing.aborted) outgoing.setHeader('connection', 'close')
      void listener(incoming, outgoing)
    }
    server.on('connection', (socket) => {
      this.#unused.add(socket)
      socket.once('close', () => this.#unused.delete(socket))
    })
    server.on('request', answer)
    // Clients that ask first are told before they send what would be refused.
    server.on('checkContinue', (incoming, outgoing) => {
      if (Number(incoming.headers['content-length'] ?? 0) <= maxFileBytes) outgoing.writeContinue()
      answer(incoming, outgoing)
    })
  }

  /** Takes no more connections, waits up to `graceMs` for the requests that run, then cuts them. */
  async close(graceMs: number): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#unused) socket.destroy()
    const idle = setInterval(() => this.#server.closeIdleConnections(), idleCheckMs)
    const late = setTimeout(() => this.#server.closeAllConnections(), graceMs)
    await closed
    clearInterval(idle)
    clearTimeout(late)
  }
}
