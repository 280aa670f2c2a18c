import type { IncomingMessage } from 'node:http'
import { KompressorError } from '../errors/index.ts'
import { unavailable } from './request.ts'

/** What an answer asks for. */
export type Answer =
  | { kind: 'file' }
  | { kind: 'redirect'; location: string }
  /** Milliseconds, when the server says. */
  | { kind: 'pause'; pauseMs: number | undefined }

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const gone: ReadonlySet<number> = new Set([404, 410])
const passing: ReadonlySet<number> = new Set([408, 425])

/** Throws url_not_found, url_unavailable and url_refused for the answers nothing can be made of. */
export function outcomeOf(
  url: URL,
  { statusCode = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>,
  now: Date,
): Answer {
  if (statusCode === 200) return { kind: 'file' }
  const { location, 'retry-after': retryAfter } = headers
  if (redirects.has(statusCode) && location !== undefined) return { kind: 'redirect', location }
  if (statusCode === 429 || (statusCode === 503 && retryAfter !== undefined))
    return { kind: 'pause', pauseMs: pauseOf(retryAfter, now) }
  if (gone.has(statusCode)) {
    throw new KompressorError(
      'url_not_found',
      `there is nothing at ${url.href}: the server answered ${statusCode}`,
    )
  }
  if (statusCode >= 500 || passing.has(statusCode)) throw unavailable(url, `was answered with ${statusCode}`)
  throw new KompressorError('url_refused', `${url.href} was answered with ${statusCode}, not with a file`)
}

/** Milliseconds a Retry-After asks for: it has seconds or a date. */
export function pauseOf(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined
  if (seconds !== undefined) return seconds * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime())
}
