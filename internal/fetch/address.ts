import { isIP } from 'node:net'
import { KompressorError } from '../errors/index.ts'
import type { Networks } from './networks.ts'

/** Longest address that is fetched, characters. */
const longest = 2_048

/**
 * Reads an address somebody else wrote. Throws url_not_allowed: no URL, another scheme than HTTP and HTTPS, credentials in
 * it, or a literal address or port that may not be reached. What a name stands for is looked at when it is resolved.
 */
export function parseAddress(text: string, networks: Networks): URL {
  const url = text.length > longest ? null : URL.parse(text)
  if (url === null) throw refused(text, 'is not an address: https://example.com/a.jpg')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused(text, 'is not http or https')
  if (url.username !== '' || url.password !== '') {
    throw refused(
      `${url.protocol}//…@${url.host}${url.pathname}`,
      'has credentials in it, which are sent to nobody',
    )
  }
  const host = hostOf(url)
  if (isIP(host) !== 0 && !networks.permit(host, portOf(url)))
    throw notReachable(text, host, portOf(url), networks)
  return url
}

/** As `parseAddress`, for who does not connect: where the address leads is not looked at. */
export function readAddress(text: string): URL {
  return parseAddress(text, { permit: () => true, why: '' })
}

/** A name, or an IP address without brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

export function portOf({ protocol, port }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

export function notReachable(
  what: string,
  address: string,
  port: number,
  { why }: Networks,
): KompressorError {
  return refused(what, `is at ${address} port ${port}, ${why}`)
}

export function refused(what: string, why: string): KompressorError {
  const shown = what.length > 200 ? `${what.slice(0, 200)}…` : what
  return new KompressorError('url_not_allowed', `${shown} ${why}`)
}
