import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

export interface Received {
  path: string
  method: string
  headers: IncomingHttpHeaders
  body: string
}

/** A server that webhooks go to, as somebody who receives them would write it. */
export interface Receiver {
  url: string
  received: Received[]
  /** How calls are answered; 204 at first. */
  answer: (response: ServerResponse, received: Received) => void
  /** What a call says, if its signature is right. Throws if it is not. */
  verified(received: Received | undefined): Told
  stop(): Promise<void>
}

export interface Told {
  type: string
  timestamp: string
  data: { batch: Record<string, unknown>; job: Record<string, unknown> }
}

export const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** @param host of this machine */
export async function startReceiver(host = '127.0.0.1'): Promise<Receiver> {
  const receiver: Receiver = {
    url: '',
    received: [],
    answer: (response) => response.writeHead(204).end(),
    verified(received) {
      if (received === undefined) throw new Error('nothing was received')
      const headers = Object.fromEntries(
        Object.entries(received.headers).flatMap(([name, value]) =>
          typeof value === 'string' ? [[name, value]] : [],
        ),
      )
      return new Webhook(secret).verify(received.body, headers) as Told
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const server = createServer(async (request, response) => {
    const { url: path = '', method = '', headers } = request
    const received = { path, method, headers, body: await text(request) }
    receiver.received.push(received)
    receiver.answer(response, received)
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  receiver.url = `http://${host}:${port}`
  return receiver
}
