import { createRoute, z } from '@hono/zod-openapi'
import { idempotencyKeyHeader } from '../http/idempotency-header.ts'
import { problemResponse, problemSchema } from '../http/problem.ts'
import { idParams, idSchema, sha256Schema, tagParameters } from '../http/text.ts'
import { optionParameters } from '../options/flat.ts'
import { fileSchema } from './render.ts'

const tags = ['Files']
const params = idParams
const file = (description: string) => ({
  description,
  content: { 'application/json': { schema: fileSchema } },
})

const several = z
  .object({
    items: z.array(
      z.object({ name: z.string(), file: fileSchema.optional(), problem: problemSchema.optional() }),
    ),
  })
  .meta({ id: 'Submission' })

const submitted = (description: string) => ({
  description,
  headers: z.object({
    location: z.string().optional().describe('Of the file; absent when a form had several.'),
    'preference-applied': z.string().optional(),
  }),
  content: { 'application/json': { schema: z.union([fileSchema, several]) } },
})

export const submitFileRoute = createRoute({
  method: 'post',
  path: '/v1/files',
  summary: 'Compress a file',
  description:
    'Send the bytes as the body, or as multipart/form-data with one file or several. Options are parameters of the query, or fields of the form before its files: `options` as JSON, or each by its name. Files of a batch take the options of the batch. A form with several files is answered with one item for each.',
  tags,
  request: {
    query: z.strictObject({
      batch: idSchema.optional().describe('The open batch to add to. Without it the file stands alone.'),
      name: z
        .string()
        .optional()
        .describe('A relative path. Also taken from Content-Disposition; `file` when neither is given.'),
      sha256: sha256Schema.optional().describe('Of the body, in hex; checked. So is Content-Digest.'),
      tag: tagParameters,
      ...optionParameters,
    }),
    headers: z.object({
      'idempotency-key': idempotencyKeyHeader,
      prefer: z
        .string()
        .optional()
        .describe('`wait=10` waits up to ten seconds (at most 60) for the result and answers 200 with it.'),
    }),
    body: {
      content: {
        'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: {
              options: { type: 'string', description: 'CompressionOptions as JSON.' },
              file: { type: 'string', format: 'binary' },
            },
          },
        },
      },
    },
  },
  responses: {
    200: submitted('Done within the time asked for.'),
    202: submitted('Accepted: stored, queued, and not lost from here on.'),
    ...problemResponse,
  },
})

export const getFileRoute = createRoute({
  method: 'get',
  path: '/v1/files/{id}',
  summary: 'Get a file',
  tags,
  request: { params },
  responses: { 200: file('The file.'), ...problemResponse },
})

export const retryFileRoute = createRoute({
  method: 'post',
  path: '/v1/files/{id}/retry',
  summary: 'Try a failed file again',
  tags,
  request: { params },
  responses: { 202: file('The file.'), ...problemResponse },
})

export const cancelFileRoute = createRoute({
  method: 'post',
  path: '/v1/files/{id}/cancel',
  summary: 'Stop a file that has not ended; repeatable',
  tags,
  request: { params },
  responses: { 202: file('The file.'), ...problemResponse },
})

export const deleteFileRoute = createRoute({
  method: 'delete',
  path: '/v1/files/{id}',
  summary: 'Erase a file with its upload and outputs',
  tags,
  request: { params },
  responses: { 204: { description: 'Erased; the bytes follow within minutes.' }, ...problemResponse },
})

export const fileContracts = [submitFileRoute, getFileRoute, retryFileRoute, cancelFileRoute, deleteFileRoute]
