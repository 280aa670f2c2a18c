import { createRoute, z } from '@hono/zod-openapi'
import { batchStates, fileStates } from '../../store/index.ts'
import { fileSchema } from '../files/render.ts'
import { idempotencyKeyHeader } from '../http/idempotency-header.ts'
import { jsonBody, optionalJsonBody } from '../http/json-body.ts'
import { listOf, pageParameters } from '../http/page.ts'
import { errorCodeSchema, problemResponse } from '../http/problem.ts'
import { idParams, plainText, tagParameters } from '../http/text.ts'
import { uploadSchema } from '../uploads/schema.ts'
import { batchSchema, completeSchema, createBatchSchema, createdBatchSchema } from './schema.ts'

const tags = ['Batches']
const params = idParams
const answer = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})

export const createBatchRoute = createRoute({
  method: 'post',
  path: '/v1/batches',
  summary: 'Announce files and get their upload URLs',
  description:
    'Upload each file with the request given for it, then name the uploaded files to `/complete`, and at last call that without a list to seal the batch.',
  tags,
  middleware: [jsonBody] as const,
  request: {
    headers: z.object({ 'idempotency-key': idempotencyKeyHeader }),
    body: { required: true, content: { 'application/json': { schema: createBatchSchema } } },
  },
  responses: { 201: answer('The batch.', createdBatchSchema), ...problemResponse },
})

export const listBatchesRoute = createRoute({
  method: 'get',
  path: '/v1/batches',
  summary: 'List batches, newest first',
  description: 'Files that were posted alone are not in here.',
  tags,
  request: {
    query: z.strictObject({
      ...pageParameters,
      state: z.enum(batchStates).optional(),
      search: plainText({ min: 1, max: 200 })
        .optional()
        .describe('Part of the name or of a tag, in any case, or the beginning of the id.'),
      tag: tagParameters,
    }),
  },
  responses: { 200: answer('A page.', listOf(batchSchema)), ...problemResponse },
})

export const getBatchRoute = createRoute({
  method: 'get',
  path: '/v1/batches/{id}',
  summary: 'Get a batch',
  tags,
  request: { params },
  responses: { 200: answer('The batch.', batchSchema), ...problemResponse },
})

export const listBatchFilesRoute = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/files',
  summary: 'List the files of a batch, in the order they were announced',
  tags,
  request: {
    params,
    query: z.strictObject({
      ...pageParameters,
      state: z.enum(fileStates).optional(),
      name: plainText({ min: 1, max: 255 }).optional().describe('Part of the name, in any case.'),
      tag: tagParameters,
    }),
  },
  responses: { 200: answer('A page.', listOf(fileSchema)), ...problemResponse },
})

export const listUploadsRoute = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/uploads',
  summary: 'Get upload URLs of files that await their bytes',
  tags,
  request: { params, query: z.strictObject({ cursor: pageParameters.cursor }) },
  responses: { 200: answer('A page of 100.', listOf(uploadSchema)), ...problemResponse },
})

export const completeBatchRoute = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/complete',
  summary: 'Say that files are uploaded, or that nothing more will be added',
  description:
    'With a list: queues these files; repeatable. Without: seals the batch. Files that are still pending stay so until they are completed or their URL expires.',
  tags,
  middleware: [optionalJsonBody] as const,
  request: { params, body: { content: { 'application/json': { schema: completeSchema } } } },
  responses: { 202: answer('The batch.', batchSchema), ...problemResponse },
})

export const retryBatchRoute = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/retry',
  summary: 'Try failed files again',
  tags,
  middleware: [optionalJsonBody] as const,
  request: {
    params,
    body: {
      content: {
        'application/json': {
          schema: z.strictObject({
            codes: z.array(errorCodeSchema).min(1).optional().describe('Only files that failed with these.'),
          }),
        },
      },
    },
  },
  responses: {
    202: answer('How many are queued again.', z.object({ retried: z.int().nonnegative() })),
    ...problemResponse,
  },
})

export const cancelBatchRoute = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/cancel',
  summary: 'Stop what has not ended; repeatable',
  tags,
  request: { params },
  responses: { 202: answer('The batch.', batchSchema), ...problemResponse },
})

export const deleteBatchRoute = createRoute({
  method: 'delete',
  path: '/v1/batches/{id}',
  summary: 'Erase a batch with its files, uploads and outputs',
  tags,
  request: { params },
  responses: { 204: { description: 'Erased; the bytes follow within minutes.' }, ...problemResponse },
})

export const batchContracts = [
  createBatchRoute,
  listBatchesRoute,
  getBatchRoute,
  listBatchFilesRoute,
  listUploadsRoute,
  completeBatchRoute,
  retryBatchRoute,
  cancelBatchRoute,
  deleteBatchRoute,
]
