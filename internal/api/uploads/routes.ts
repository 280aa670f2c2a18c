import { createRoute, z } from '@hono/zod-openapi'
import { jsonBody, optionalJsonBody } from '../http/json-body.ts'
import { problemResponse } from '../http/problem.ts'
import { idParams, idSchema, plainText } from '../http/text.ts'
import {
  completedUploadSchema,
  completeUploadSchema,
  multipartUploadSchema,
  signedPartSchema,
  signPartsSchema,
  uploadedPartSchema,
} from './schema.ts'

const tags = ['Uploads in parts']
const params = z.object({ id: idSchema, uploadId: plainText({ min: 1, max: 1024 }) })
const json = <T extends z.ZodType>(schema: T) => ({ content: { 'application/json': { schema } } })
const answer = <T extends z.ZodType>(description: string, schema: T) => ({ description, ...json(schema) })

export const createUploadRoute = createRoute({
  method: 'post',
  path: '/v1/files/{id}/uploads',
  summary: 'Begin to upload a file in parts, or find the upload that was begun',
  description:
    'For files of a batch that wait for their bytes. Cut the file as the answer says, have each part signed, PUT it, and complete the upload; then name the file to the `/complete` of its batch as any other. Cancelling or erasing the file ends the upload.',
  tags,
  request: { params: idParams },
  responses: {
    200: answer('It was begun before: list its parts and send the others.', multipartUploadSchema),
    201: answer('Begun.', multipartUploadSchema),
    ...problemResponse,
  },
})

export const listPartsRoute = createRoute({
  method: 'get',
  path: '/v1/files/{id}/uploads/{uploadId}/parts',
  summary: 'List the parts that have arrived',
  tags,
  request: { params },
  responses: {
    200: answer('In the order of their numbers.', z.object({ items: z.array(uploadedPartSchema) })),
    ...problemResponse,
  },
})

export const signPartsRoute = createRoute({
  method: 'post',
  path: '/v1/files/{id}/uploads/{uploadId}/parts',
  summary: 'Get the URLs of parts',
  description: 'Each URL takes its part and nothing else. The answer to a PUT has the ETag of the part.',
  tags,
  middleware: [jsonBody] as const,
  request: { params, body: { required: true, ...json(signPartsSchema) } },
  responses: {
    200: answer('In the order asked for.', z.object({ items: z.array(signedPartSchema) })),
    ...problemResponse,
  },
})

export const completeUploadRoute = createRoute({
  method: 'post',
  path: '/v1/files/{id}/uploads/{uploadId}/complete',
  summary: 'Put the parts together; repeatable',
  description: 'Refused with size_mismatch when they have not the size the file was announced with.',
  tags,
  middleware: [optionalJsonBody] as const,
  request: { params, body: json(completeUploadSchema) },
  responses: { 200: answer('The bytes are there.', completedUploadSchema), ...problemResponse },
})

export const abortUploadRoute = createRoute({
  method: 'delete',
  path: '/v1/files/{id}/uploads/{uploadId}',
  summary: 'Forget an upload and its parts; repeatable',
  description: 'The file goes on waiting for its bytes.',
  tags,
  request: { params },
  responses: { 204: { description: 'Forgotten.' }, ...problemResponse },
})

export const uploadContracts = [
  createUploadRoute,
  listPartsRoute,
  signPartsRoute,
  completeUploadRoute,
  abortUploadRoute,
]
