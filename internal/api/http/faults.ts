import { z } from '@hono/zod-openapi'
import { type ErrorCode, KompressorError } from '../../errors/index.ts'
import { plainWords } from './plain-words.ts'

/** One thing wrong with a request. */
export const faultSchema = z.object({
  pointer: z
    .string()
    .optional()
    .describe('Where in the JSON body, as a JSON pointer in a URI fragment: #/files/3/name.'),
  parameter: z.string().optional().describe('Which parameter of the query, header or form.'),
  detail: z.string(),
})

export type Fault = z.infer<typeof faultSchema>

/** More would not help anybody to mend the request. */
const mostFaults = 20

/** A request that is wrong in places that can be named. */
export class FaultyRequest extends KompressorError {
  readonly faults: Fault[]

  constructor(code: ErrorCode, faults: readonly Fault[]) {
    super(code, summary(faults))
    this.faults = faults.slice(0, mostFaults)
  }
}

function summary(faults: readonly Fault[]): string {
  const [first] = faults
  if (first === undefined) return 'the request is not valid'
  const where = first.parameter ?? first.pointer
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return `${where === undefined || where === '#' ? '' : `${where}: `}${first.detail}${more}`
}

/** Where an issue's path leads in a body. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return `#${path.map((part) => `/${encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`
}

/** The places a contract reads a request from. */
interface Contract {
  request?: {
    query?: z.ZodType
    params?: z.ZodType
    headers?: unknown
    body?: { content: Partial<Record<string, { schema: unknown }>> }
  }
}

interface Parsed {
  success: boolean
  target: string
}

/** The hook of a route: throws what is wrong with a request, naming each place. */
export function faults(contract: Contract) {
  return (result: Parsed): undefined => {
    if (result.success) return undefined
    const { target } = result
    if (target === 'param') throw new KompressorError('not_found', 'no id looks like this')
    const schema = schemaOf(contract, target)
    const data = 'data' in result ? result.data : undefined
    const parsed = schema?.safeParse(data, { error: plainWords })
    const issues = parsed?.error?.issues ?? []
    throw new FaultyRequest(
      'invalid_request',
      issues.map((issue) => toFault(issue, target)),
    )
  }
}

function schemaOf({ request }: Contract, target: string): z.ZodType | undefined {
  if (target === 'query') return request?.query
  const schema = target === 'json' ? request?.body?.content['application/json']?.schema : request?.headers
  return schema instanceof z.ZodType ? schema : undefined
}

function toFault({ path, message }: z.core.$ZodIssue, target: string): Fault {
  if (target === 'json') return { pointer: pointerTo(path), detail: message }
  const [parameter] = path
  return parameter === undefined ? { detail: message } : { parameter: String(parameter), detail: message }
}
