import { createRoute } from '@hono/zod-openapi'
import { problemResponse } from '../http/problem.ts'
import { idParams } from '../http/text.ts'

const tags = ['Downloads']
const params = idParams
const binary = { '*/*': { schema: { type: 'string' as const, format: 'binary' } } }
const responses = {
  200: { description: 'The bytes.', content: binary },
  206: { description: 'The range that was asked for.', content: binary },
  304: { description: 'The client has them already.' },
  ...problemResponse,
}

export const getContentRoute = createRoute({
  method: 'get',
  path: '/v1/files/{id}/content',
  summary: 'Download what became of a file',
  description:
    'The output, or the original when that was kept. Takes Range, If-Range and If-None-Match. An output made with `as=ContentEncoding` is sent encoded to clients that accept the encoding and decoded to others.',
  tags,
  request: { params },
  responses,
})

export const getOriginalRoute = createRoute({
  method: 'get',
  path: '/v1/files/{id}/original',
  summary: 'Download a file as it was uploaded',
  tags,
  request: { params },
  responses,
})

export const contentContracts = [getContentRoute, getOriginalRoute]
