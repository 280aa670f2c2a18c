import { z } from 'zod'
import { type ErrorCode, errorCodes, KompressorError } from '../errors/index.ts'

const problemSchema = z.object({ code: z.string(), detail: z.string() })

/**
 * A request to a running service. Throws the service's own codes when it refuses; storage_unavailable when nobody answers;
 * invalid_configuration when something else does.
 */
export async function callService(base: string, path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(`${base}${path}`, {
      headers: { accept: 'application/json, text/event-stream' },
      ...init,
    })
  } catch (cause) {
    const { signal } = init
    if (
      signal?.aborted &&
      !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError')
    ) {
      throw cause
    }
    throw new KompressorError(
      'storage_unavailable',
      `no service answers at ${base} (${reasonOf(cause)}); start one with 'kompressor standalone' or name it with --url`,
      { cause },
    )
  }
  if (!response.ok) throw await problemOf(response, base)
  return response
}

async function problemOf(response: Response, base: string): Promise<KompressorError> {
  const problem = problemSchema.safeParse(parseJson(await response.text())).data
  if (problem === undefined) return notOurs(base, `${response.status} ${response.statusText}`)
  return new KompressorError(isErrorCode(problem.code) ? problem.code : 'internal', problem.detail)
}

export function notOurs(base: string, cause: unknown): KompressorError {
  const message = `${base} does not answer like a Kompressor service; is --url right?`
  return new KompressorError('invalid_configuration', message, { cause })
}

/** Undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}

/** fetch says "fetch failed" and hides why in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : String(cause)
}
