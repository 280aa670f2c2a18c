import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as sendRequest,
} from 'node:http'

/** What becomes of a request. */
export type Fault =
  /** Answered without asking the server. */
  | { kind: 'answer'; status: number; body?: string }
  /** The connection ends before anything is sent on. */
  | { kind: 'reset' }
  /** No answer, and the connection stays open. */
  | { kind: 'silence' }
  /** The server does it, and its answer is lost. */
  | { kind: 'lose-reply' }
  /** The body of the answer is cut after this many bytes. */
  | { kind: 'cut'; after: number }
  /** The body of the answer stops after this many bytes, and the connection stays open. */
  | { kind: 'stall'; after: number }

export interface SeenRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
}

export interface FaultProxy extends AsyncDisposable {
  url: string
  /** Everything that came, in order. */
  seen: SeenRequest[]
  /** Decides over each request; undefined lets it through. */
  faults: (request: SeenRequest) => Fault | undefined
}

/** An HTTP server in front of another one, which breaks what a network and an overloaded server break. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const server = createServer((request, response) => {
    const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers }
    proxy.seen.push(seen)
    answer(proxy.faults(seen), target, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${address.port}`,
    seen: [],
    faults: () => undefined,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
  return proxy
}

function answer(
  fault: Fault | undefined,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (fault?.kind === 'reset') {
    request.socket.resetAndDestroy()
    return
  }
  if (fault?.kind === 'silence') {
    request.resume()
    return
  }
  if (fault?.kind === 'answer') {
    request.resume()
    request.once('end', () => response.writeHead(fault.status).end(fault.body ?? ''))
    return
  }
  // Headers go as they came: the signature covers the host the client sees.
  const { hostname, port } = new URL(target)
  const { method, url: path, headers } = request
  const onward = sendRequest({ hostname, port, method, path, headers: headers as OutgoingHttpHeaders })
  const drop = () => request.socket.destroy()
  onward.on('error', drop)
  response.on('close', () => onward.destroy())
  onward.on('response', (reply) => {
    reply.on('error', drop)
    if (fault?.kind === 'lose-reply') {
      reply.resume()
      reply.once('end', drop)
      return
    }
    response.writeHead(reply.statusCode ?? 502, reply.headers)
    if (fault === undefined) reply.pipe(response)
    else pipeUntil(fault, reply, response, drop)
  })
  request.pipe(onward)
}

function pipeUntil(
  fault: { kind: 'cut' | 'stall'; after: number },
  reply: IncomingMessage,
  response: ServerResponse,
  drop: () => void,
): void {
  let left = fault.after
  let withheld = 0
  reply.on('data', (chunk: Buffer) => {
    const piece = chunk.subarray(0, left)
    left -= piece.length
    withheld += chunk.length - piece.length
    const done = left === 0 && fault.kind === 'cut' ? drop : undefined
    if (piece.length > 0) response.write(piece, done)
  })
  reply.on('end', () => {
    if (withheld === 0) response.end()
  })
}
