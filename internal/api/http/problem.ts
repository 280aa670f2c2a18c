import { z } from '@hono/zod-openapi'
import { type ErrorCode, errorCodes, type KompressorError } from '../../errors/index.ts'
import { FaultyRequest, faultSchema } from './faults.ts'

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]

export const errorCodeSchema = z.enum(codes)

/** RFC 9457, with our code. */
export const problemSchema = z
  .object({
    type: z.string().describe('Names the kind of problem: urn:kompressor:problem:{code}.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong with this request and what to do about it.'),
    code: errorCodeSchema,
    retryable: z.boolean().describe('Whether the same request may succeed later.'),
    requestId: z.string(),
    errors: z.array(faultSchema).optional().describe('Every fault of the request, where there are several.'),
  })
  .meta({ id: 'Problem' })

export type Problem = z.infer<typeof problemSchema>

/** Faults of our own side are described in the log, not to strangers: messages may hold paths and addresses. */
export function toProblem(error: KompressorError, requestId: string): Problem {
  const { title } = errorCodes[error.code]
  return {
    type: `urn:kompressor:problem:${error.code}`,
    title,
    status: error.status,
    detail: error.status < 500 ? error.message : `${title}; the log has the details under the request id`,
    code: error.code,
    retryable: error.retryable,
    requestId,
    ...(error instanceof FaultyRequest && { errors: error.faults }),
  }
}

/** Every operation may answer with one. */
export const problemResponse = {
  default: {
    description: 'A problem.',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
}
