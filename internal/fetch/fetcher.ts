import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { KompressorError } from '../errors/index.ts'
import type { Limiter } from '../limits/index.ts'
import { parseAddress } from './address.ts'
import { decoderOf } from './decode.ts'
import { createHosts } from './hosts.ts'
import { createNetworks } from './networks.ts'
import { createRequester, failure, unavailable } from './request.ts'
import { outcomeOf } from './status.ts'

export interface FetcherOptions {
  /** Private networks that may be reached besides the internet: `10.1.0.0/16`. None by default. */
  allow?: readonly string[]
  /** Requests to one server at a time. Default 4. */
  perHost?: number
  /** Longest a file may take once it is its turn, milliseconds. Default 5 minutes. */
  timeoutMs?: number
  /** Longest a server may say nothing, milliseconds. Default 30 s. */
  silenceMs?: number
  /** What this process may ask of servers; a file that is being sent is not slowed down, the next one waits for it. */
  limiter?: Limiter
}

export interface Downloaded {
  /** Bytes. */
  size: number
  /** Lower-case hex. */
  sha256: string
  contentType: string | undefined
}

export interface DownloadOptions {
  maxBytes: number
  signal: AbortSignal
}

/** Fetches files from addresses that other people wrote, without lending them our place in the network. */
export interface Fetcher {
  /**
   * Brings what is at an address to a local path that does not exist yet; after a failure the path may hold a part of it.
   *
   * Throws url_not_allowed (address, port, scheme or redirect), url_not_found, url_refused (any other answer that will
   * stay), url_unavailable (no answer, a late one, or one that broke off), url_throttled, file_too_large, and the
   * signal's reason.
   */
  download(address: string, path: string, options: DownloadOptions): Promise<Downloaded>
  close(): void
}

const mostRedirects = 3
/** How often a server that asks for patience gets it, before the file's attempt has failed. */
const mostPauses = 3
const longestPauseMs = 60_000

/** Throws invalid_configuration when a network is none. */
export function createFetcher(options: FetcherOptions = {}): Fetcher {
  const { allow, perHost = 4, timeoutMs = 300_000, silenceMs = 30_000, limiter } = options
  const networks = createNetworks({ ...(allow !== undefined && { allow }) })
  const requester = createRequester({ networks, silenceMs, keepAlive: true })
  const hosts = createHosts(perHost)

  async function download(address: string, path: string, request: DownloadOptions): Promise<Downloaded> {
    let url = parseAddress(address, networks)
    for (let redirects = 0, pauses = 0; ; ) {
      const outcome = await hosts.run(url.host, () => attempt(url, path, request), request.signal)
      if ('size' in outcome) return outcome
      if ('location' in outcome) {
        redirects += 1
        if (redirects > mostRedirects) throw tooManyRedirects(address)
        // Whatever it says is an address of somebody else, and checked like the first.
        url = parseAddress(URL.parse(outcome.location, url.href)?.href ?? outcome.location, networks)
      } else {
        pauses += 1
        if (pauses > mostPauses) throw throttled(url)
        hosts.pause(url.host, Math.min(outcome.pauseMs ?? 1_000 * 2 ** pauses, longestPauseMs))
      }
    }
  }

  async function attempt(url: URL, path: string, { maxBytes, signal: outer }: DownloadOptions) {
    // Before its time runs: what waits here is late by nobody's fault.
    await limiter?.request(0, outer)
    const late = new AbortController()
    const timer = setTimeout(
      () => late.abort(unavailable(url, `takes longer than ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    const signal = AbortSignal.any([outer, late.signal])
    try {
      const response = await requester.send(url, signal)
      const outcome = outcomeOf(url, response, new Date())
      if (outcome.kind === 'file') return await receive(url, response, path, { maxBytes, signal }, limiter)
      response.destroy()
      return outcome
    } finally {
      clearTimeout(timer)
    }
  }

  return { download, close: () => requester.close() }
}

async function receive(
  url: URL,
  response: IncomingMessage,
  path: string,
  { maxBytes, signal }: DownloadOptions,
  limiter: Limiter | undefined,
): Promise<Downloaded> {
  const hash = createHash('sha256')
  let size = 0
  const meter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      size += piece.length
      if (size > maxBytes) return done(tooLarge(url, maxBytes))
      hash.update(piece)
      limiter?.owe(piece.length)
      done(null, piece)
    },
  })
  try {
    if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(url, maxBytes)
    const decoders = decoderOf(url, response.headers['content-encoding'])
    const stages: (NodeJS.ReadableStream | NodeJS.ReadWriteStream)[] = [response, ...decoders, meter]
    await pipeline([...stages, createWriteStream(path, { flags: 'wx' })], { signal })
  } catch (error) {
    response.destroy()
    throw failure(url, error, signal)
  }
  const { 'content-type': contentType } = response.headers
  return { size, sha256: hash.digest('hex'), contentType: contentType?.split(';')[0]?.trim() || undefined }
}

function tooLarge(url: URL, maxBytes: number): KompressorError {
  return new KompressorError(
    'file_too_large',
    `${url.href} has more than ${maxBytes} bytes, which is the limit`,
  )
}

function tooManyRedirects(address: string): KompressorError {
  return new KompressorError('url_not_allowed', `${address} is redirected more than ${mostRedirects} times`)
}

function throttled({ href, host }: URL): KompressorError {
  return new KompressorError(
    'url_throttled',
    `${host} asked ${mostPauses + 1} times for fewer requests than ${href}`,
  )
}
