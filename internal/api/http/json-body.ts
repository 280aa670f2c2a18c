import type { IncomingMessage } from 'node:http'
import { createMiddleware } from 'hono/factory'
import { KompressorError } from '../../errors/index.ts'
import type { ApiEnv } from '../env.ts'
import { bounded } from './bounded.ts'

/** Ten thousand files with names, tags and checksums. */
export const maxJsonBytes = 10 * 1024 * 1024

/**
 * Reads the body of a JSON request whole, up to the limit, before anybody parses it. `rawBody` is where the server
 * adapter looks for a body that was read already.
 */
export const jsonBody = createMiddleware<ApiEnv>(async (c, next) => {
  const { incoming } = c.env
  Object.assign(incoming, { rawBody: await readBody(incoming) })
  await next()
})

/** As `jsonBody`, for requests that may come without one: many clients announce JSON and then send nothing. */
export const optionalJsonBody = createMiddleware<ApiEnv>(async (c, next) => {
  const { incoming } = c.env
  const body = await readBody(incoming)
  const isMissing = body.length === 0 && incoming.headers['content-type'] !== undefined
  Object.assign(incoming, { rawBody: isMissing ? Buffer.from('{}') : body })
  await next()
})

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const refusal = () =>
    new KompressorError(
      'body_too_large',
      `the body may have ${maxJsonBytes} bytes; split it into several requests`,
    )
  if (Number(incoming.headers['content-length'] ?? 0) > maxJsonBytes) throw refusal()
  const chunks: Uint8Array[] = []
  for await (const chunk of bounded(incoming, { maxBytes: maxJsonBytes, refusal })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The bytes `jsonBody` read. */
export function bytesOf(incoming: object): Uint8Array {
  return 'rawBody' in incoming && incoming.rawBody instanceof Uint8Array ? incoming.rawBody : new Uint8Array()
}
