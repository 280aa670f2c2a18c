import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Logger } from '../telemetry/index.ts'
import type { ApiDeps } from './deps.ts'
import type { EventHub } from './events/hub.ts'
import type { IdempotencyKeys } from './http/idempotency.ts'

export interface ApiEnv {
  Bindings: HttpBindings
  Variables: { requestId: string; log: Logger }
}

export type ApiContext = Context<ApiEnv>
export type ApiApp = OpenAPIHono<ApiEnv>

/** What handlers work with: what the API was given, and what it keeps itself. */
export interface Services extends ApiDeps {
  hub: EventHub
  keys: IdempotencyKeys
  /** Aborted when the API closes: whatever waits for events ends. */
  closing: AbortSignal
}

/** Whose request it is. There is one tenant until there are keys. */
export function tenantOf(_request: IncomingMessage): string {
  return 'default'
}

/** The job that works on what the API accepts. */
export const ingestJob = 'default'
