import { HTTPException } from 'hono/http-exception'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import type { ApiContext } from '../env.ts'
import { isStillSending, lingering } from './linger.ts'
import { toProblem } from './problem.ts'

/** The one place where errors become answers. */
export function answerError(error: unknown, c: ApiContext): Response {
  const known = translate(error)
  if (known.status >= 500) c.get('log').error({ error }, 'request failed')
  return problemOf(c, known)
}

/** The answer an error stands for. */
export function problemOf(
  c: ApiContext,
  error: KompressorError,
  extra: Record<string, string> = {},
): Response {
  const { status } = error
  const body = Buffer.from(JSON.stringify(toProblem(error, c.get('requestId'))))
  const headers = {
    'content-type': 'application/problem+json',
    'content-length': String(body.length),
    'cache-control': 'no-store',
    ...(status === 503 && { 'retry-after': '1' }),
    ...extra,
  }
  const { incoming } = c.env
  if (!isStillSending(incoming)) return new Response(body, { status, headers })
  return new Response(lingering(body, incoming), { status, headers: { ...headers, connection: 'close' } })
}

/** The framework's own refusals have a status; everything else is ours or a surprise. */
function translate(error: unknown): KompressorError {
  if (!(error instanceof HTTPException)) return toKompressorError(error)
  switch (error.status) {
    case 400:
      return new KompressorError('malformed_json', 'the body is not JSON; check quotes and commas', {
        cause: error,
      })
    case 415:
      return new KompressorError('unsupported_media_type', 'send the body as application/json', {
        cause: error,
      })
    default:
      return toKompressorError(error)
  }
}
