import type { IncomingHttpHeaders } from 'node:http'
import { KompressorError } from '../../errors/index.ts'

/**
 * The SHA-256 a client states for its body in Content-Digest (RFC 9530) or the older Digest (RFC 3230), in hex. Other
 * algorithms are ignored, as both say. Throws invalid_request for one that cannot be read.
 */
export function statedDigest(headers: IncomingHttpHeaders): string | undefined {
  const { digest, 'content-digest': contentDigest } = headers
  const structured = /(?:^|[,\s])sha-256=:([^:]*):/i.exec(String(contentDigest ?? ''))?.[1]
  const legacy = /(?:^|[,\s])sha-256=([A-Za-z0-9+/=]+)/i.exec(String(digest ?? ''))?.[1]
  const encoded = structured ?? legacy
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length === 32) return bytes.toString('hex')
  const header = structured === undefined ? 'Digest' : 'Content-Digest'
  throw new KompressorError('invalid_request', `${header}: sha-256 must be 32 bytes in base64`)
}
