import { lookup as resolve } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction, Socket } from 'node:net'
import { KompressorError, toKompressorError } from '../errors/index.ts'
import { hostOf, notReachable, portOf } from './address.ts'
import type { Networks } from './networks.ts'

/** Sends one request, with nothing in it that could be a credential of ours, to a server that may be reached. */
export interface Requester {
  /**
   * Resolves with the head of the answer, whatever its status. Throws url_not_allowed when the name stands for no server
   * that may be reached, url_unavailable when none answers.
   */
  send(url: URL, signal: AbortSignal, message?: Message): Promise<IncomingMessage>
  close(): void
}

/** What a POST carries. */
export interface Message {
  headers: Readonly<Record<string, string>>
  body: Buffer
}

export interface RequesterOptions {
  networks: Networks
  /** Longest silence, while connecting too, milliseconds. */
  silenceMs: number
  /** Whether connections are kept for the next request. One that the server has ended meanwhile fails that. */
  keepAlive: boolean
}

const headers = {
  'user-agent': 'Kompressor (+https://kompressor.dev)',
  accept: '*/*',
  'accept-encoding': 'identity',
}

/**
 * A name is resolved once, what it stands for is checked, and the connection is made to just the addresses that passed: an
 * answer that is another one the next time changes nothing.
 */
export function createRequester({ networks, silenceMs, keepAlive }: RequesterOptions): Requester {
  const agents = { http: new HttpAgent({ keepAlive }), https: new HttpsAgent({ keepAlive }) }

  function send(url: URL, signal: AbortSignal, message?: Message): Promise<IncomingMessage> {
    const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>()
    const port = portOf(url)
    const options = {
      method: message === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...message?.headers },
      signal,
      lookup: lookupWithin(networks, port),
      timeout: silenceMs,
    }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, agent: agents.https })
        : httpRequest(url, { ...options, agent: agents.http })
    const verify = ({ remoteAddress = '' }: Socket) => {
      if (!networks.permit(remoteAddress, port))
        request.destroy(notReachable(url.href, remoteAddress, port, networks))
    }
    request.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => verify(socket))
      else verify(socket)
    })
    request.on('timeout', () => request.destroy(unavailable(url, `said nothing for ${silenceMs / 1000} s`)))
    request.on('response', answered)
    request.on('error', (error) => reject(failure(url, error, signal)))
    request.end(message?.body)
    return promise
  }

  return {
    send,
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

function lookupWithin(networks: Networks, port: number): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [])
      const permitted = found.filter(({ address }) => networks.permit(address, port))
      const [first] = permitted
      if (first === undefined)
        return callback(notReachable(hostname, found[0]?.address ?? 'no address', port, networks), [])
      if (options.all === true) callback(null, permitted)
      else callback(null, first.address, first.family)
    })
  }
}

/** What went wrong with a request or its body, in words of ours. */
export function failure(url: URL, error: unknown, signal: AbortSignal): Error {
  if (signal.aborted && signal.reason instanceof Error) return signal.reason
  const known = toKompressorError(error, 'url_unavailable')
  if (known.code !== 'url_unavailable' || error === known) return known
  return unavailable(url, `cannot be reached: ${known.message || hostOf(url)}`, error)
}

export function unavailable(url: URL, why: string, cause?: unknown): KompressorError {
  return new KompressorError('url_unavailable', `${url.href} ${why}`, { cause })
}
