import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { toKompressorError } from '../../../errors/index.ts'
import type { FsObjectStore } from '../store.ts'

/** The smallest server that honours a store's signed URLs, on a free port of 127.0.0.1. */
export class ObjectServer {
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  #store: FsObjectStore | undefined

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the server does not listen')
    return `http://127.0.0.1:${address.port}`
  }

  async start(store: FsObjectStore): Promise<void> {
    this.#store = store
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    await promise
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    await promise
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const store = this.#store
    if (store === undefined) return
    try {
      const granted = store.verifyUrl(request.method ?? '', request.url ?? '', new Date())
      if (granted.method === 'PUT') {
        const { etag } = await store.receive(granted, request)
        response.setHeader('etag', `"${etag}"`)
        response.end()
      } else {
        const { info, body } = await store.get(granted.key)
        response.setHeader('content-length', info.size)
        response.setHeader('content-type', info.attributes.contentType ?? 'application/octet-stream')
        if (granted.contentDisposition) response.setHeader('content-disposition', granted.contentDisposition)
        await pipeline(body, response)
      }
    } catch (error) {
      const { status, message } = toKompressorError(error)
      if (!response.headersSent) response.writeHead(status, { connection: 'close' })
      response.end(message)
    }
  }
}
