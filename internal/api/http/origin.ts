import type { IncomingHttpHeaders } from 'node:http'
import { createMiddleware } from 'hono/factory'
import { KompressorError } from '../../errors/index.ts'
import type { ApiEnv } from '../env.ts'

/**
 * Whether a request comes from a page of this service, or from no page at all. Browsers send pages of other sites here
 * too, with the user's access to a service on localhost; only the Origin header tells.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const { origin, host } = headers
  if (origin === undefined) return true
  const from = URL.parse(origin)?.host
  return from !== undefined && (from === host || from === URL.parse(publicUrl)?.host)
}

export function foreignOrigin(origin: string | undefined): KompressorError {
  return new KompressorError(
    'origin_not_allowed',
    `pages of ${origin} may not use this service; open it under its own address`,
  )
}

/**
 * Lets pages of other sites neither change anything nor read (they get no CORS headers). Signed URLs are for whoever
 * holds them.
 */
export function sameOrigin({ publicUrl }: { publicUrl: () => string }) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { headers, method } = c.env.incoming
    const reads = method === 'GET' || method === 'HEAD'
    const isSigned = c.req.path.startsWith('/objects/')
    if (!reads && !isSigned && !isOwnOrigin(headers, publicUrl())) throw foreignOrigin(headers.origin)
    await next()
  })
}
