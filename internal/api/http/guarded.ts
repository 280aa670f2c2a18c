import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'
import type { ApiEnv } from '../env.ts'

const policyHeader = 'content-security-policy'

/** Unless an answer says otherwise it is no page: whatever a browser is made to open from here can load and run nothing. */
const nothing = "default-src 'none'; frame-ancestors 'none'; sandbox"

/** Keeps browsers from sniffing, framing, and telling other sites where they come from. */
export const guarded = [
  // Whether this is reached by TLS is for what stands in front to say.
  secureHeaders({ strictTransportSecurity: false }),
  createMiddleware<ApiEnv>(async (c, next) => {
    await next()
    if (!c.res.headers.has(policyHeader)) c.res.headers.set(policyHeader, nothing)
  }),
] as const
