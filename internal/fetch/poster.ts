import type { IncomingMessage } from 'node:http'
import { KompressorError, toKompressorError } from '../errors/index.ts'
import { parseAddress } from './address.ts'
import { createNetworks } from './networks.ts'
import { createRequester, type Message, unavailable } from './request.ts'
import { pauseOf } from './status.ts'

export interface PosterOptions {
  /** Private networks that may be reached besides the internet, by plain HTTP too: `10.1.0.0/16`. None by default. */
  allow?: readonly string[]
  /** Option of the installation that names them, for messages. */
  option: string
  /** Longest a call may take, from the look-up of the name to the end of the answer, milliseconds. */
  timeoutMs: number
}

/** What a server said. Its body is nobody's: it may be of a server whose answers the caller's user must not see. */
export interface Answered {
  status: number
  /** Milliseconds, when it asks for patience. */
  retryAfterMs: number | undefined
}

/** Posts to addresses that other people wrote, without lending them our place in the network. */
export interface Poster {
  /**
   * Resolves with what the server said, whatever that is: redirects are not followed. Throws url_not_allowed (address,
   * port or scheme: HTTP without TLS only to networks that are allowed), url_unavailable (no answer, or a late one) and
   * the signal's reason. Messages name the server and not the whole address, which may have a secret in it.
   */
  post(address: string, message: Message, signal: AbortSignal): Promise<Answered>
  close(): void
}

/** Bytes of an answer that are waited for, so that the server need not see its connection break. */
const mostBytes = 16_384

/** Throws invalid_configuration when a network is none. */
export function createPoster({ allow = [], option, timeoutMs }: PosterOptions): Poster {
  const web = createNetworks({ allow, option })
  const own = createNetworks({ allow, option, internet: false })
  // A connection the server had ended meanwhile would cost an attempt: there is one for each call.
  const common = { silenceMs: timeoutMs, keepAlive: false }
  const requesters = {
    https: createRequester({ ...common, networks: web }),
    http: createRequester({ ...common, networks: own }),
  }

  async function post(address: string, message: Message, outer: AbortSignal): Promise<Answered> {
    const isPlain = URL.parse(address)?.protocol === 'http:'
    const url = parseAddress(address, isPlain ? own : web)
    const late = new AbortController()
    const timer = setTimeout(
      () => late.abort(unavailable(url, `did not answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    try {
      const requester = requesters[isPlain ? 'http' : 'https']
      const response = await requester.send(url, AbortSignal.any([outer, late.signal]), message)
      await drain(response)
      const { statusCode: status = 0, headers } = response
      return { status, retryAfterMs: pauseOf(headers['retry-after'], new Date()) }
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    post: (address, message, signal) =>
      post(address, message, signal).catch((error: unknown) => {
        signal.throwIfAborted()
        throw withoutPath(address, error)
      }),
    close() {
      requesters.http.close()
      requesters.https.close()
    },
  }
}

/** The head has said it all: what breaks off behind it changes nothing. */
async function drain(response: IncomingMessage): Promise<void> {
  let bytes = 0
  try {
    for await (const piece of response) {
      bytes += piece.length
      if (bytes > mostBytes) break
    }
  } catch {
    response.destroy()
  }
}

/** Without a cause: that would say the whole address after all. */
function withoutPath(address: string, error: unknown): KompressorError {
  const { code, message } = toKompressorError(error, 'url_unavailable')
  const url = URL.parse(address)
  const texts = url === null ? [address] : [address, url.href]
  const origin = url?.origin ?? 'the address'
  return new KompressorError(
    code,
    texts.reduce((text, whole) => text.replaceAll(whole, origin), message),
  )
}
