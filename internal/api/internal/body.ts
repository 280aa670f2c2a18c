import type { z } from 'zod'
import { KompressorError } from '../../errors/index.ts'
import type { ApiContext } from '../env.ts'
import { bytesOf } from '../http/json-body.ts'

/** The body `jsonBody` has read, as this schema says. Throws malformed_json, invalid_request. */
export function parseBody<S extends z.ZodType>(c: ApiContext, schema: S, what: string): z.infer<S> {
  const parsed = schema.safeParse(parseJson(bytesOf(c.env.incoming)))
  if (!parsed.success) throw new KompressorError('invalid_request', `the body is not ${what}`)
  return parsed.data
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new KompressorError('malformed_json', 'the body is not JSON', { cause })
  }
}
