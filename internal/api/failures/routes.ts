import { createRoute, z } from '@hono/zod-openapi'
import { fileSchema } from '../files/render.ts'
import { optionalJsonBody } from '../http/json-body.ts'
import { listOf, pageParameters } from '../http/page.ts'
import { errorCodeSchema, problemResponse } from '../http/problem.ts'
import { idSchema, plainText } from '../http/text.ts'

const tags = ['Failures']
const batch = idSchema.optional().describe('Only files of this batch.')

const failureSchema = z
  .object({
    code: errorCodeSchema,
    title: z.string(),
    help: z.string().describe('What to do about it.'),
    retryable: z.boolean().describe('Whether trying again may help without anybody changing anything.'),
    count: z.int().positive(),
    samples: z
      .array(z.object({ fileId: z.string(), batchId: z.string(), name: z.string(), message: z.string() }))
      .describe('The newest.'),
  })
  .meta({ id: 'Failure' })

export const listFailuresRoute = createRoute({
  method: 'get',
  path: '/v1/failures',
  summary: 'See what fails and why, the most frequent cause first',
  tags,
  request: { query: z.strictObject({ groupBy: z.literal('code').default('code'), batch }) },
  responses: {
    200: {
      description: 'One item for each code.',
      content: { 'application/json': { schema: z.object({ items: z.array(failureSchema) }) } },
    },
    ...problemResponse,
  },
})

export const listFailedFilesRoute = createRoute({
  method: 'get',
  path: '/v1/failures/{code}/files',
  summary: 'List the files that failed for one cause, newest first, with every attempt',
  tags,
  request: {
    params: z.object({ code: errorCodeSchema }),
    query: z.strictObject({
      ...pageParameters,
      batch,
      name: plainText({ min: 1, max: 255 }).optional().describe('Part of the name, in any case.'),
    }),
  },
  responses: {
    200: { description: 'A page.', content: { 'application/json': { schema: listOf(fileSchema) } } },
    ...problemResponse,
  },
})

/** Files named in one request. */
const mostNamed = 1000

export const retryFailuresRoute = createRoute({
  method: 'post',
  path: '/v1/failures/retry',
  summary: 'Try failed files again: some, those of some causes, or all',
  description: 'Files that have not failed, and those of cancelled batches, are passed over. Repeatable.',
  tags,
  middleware: [optionalJsonBody] as const,
  request: {
    body: {
      content: {
        'application/json': {
          schema: z.strictObject({
            codes: z.array(errorCodeSchema).min(1).optional().describe('Only files that failed with these.'),
            files: z.array(idSchema).min(1).max(mostNamed).optional().describe('Only these files, by id.'),
          }),
        },
      },
    },
  },
  responses: {
    202: {
      description: 'How many are queued again.',
      content: { 'application/json': { schema: z.object({ retried: z.int().nonnegative() }) } },
    },
    ...problemResponse,
  },
})
