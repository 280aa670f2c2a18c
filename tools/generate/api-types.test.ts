import { expect, test } from 'vitest'
import { apiTypes, typeOf } from './api-types.ts'

test('schemas become the types their JSON has', () => {
  const cases: [Parameters<typeof typeOf>[0], string][] = [
    [{ type: 'string' }, 'string'],
    [{ type: 'string', format: 'binary' }, 'Blob'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: 'string', enum: ['a', 'b'] }, '"a" | "b"'],
    [{ const: 'PUT' }, '"PUT"'],
    [{ $ref: '#/components/schemas/File' }, 'components["schemas"]["File"]'],
    [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } }, '(string | number)[]'],
    [
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'boolean' } }, required: ['a'] },
      '{ "a": string; "b"?: boolean }',
    ],
    [{ type: 'object', additionalProperties: { type: 'string' } }, '{ [name: string]: string }'],
    [
      {
        allOf: [
          { $ref: '#/components/schemas/Batch' },
          { type: 'object', properties: { x: { type: 'number' } } },
        ],
      },
      'components["schemas"]["Batch"] & { "x"?: number }',
    ],
    [{}, 'unknown'],
  ]
  for (const [schema, type] of cases) expect(typeOf(schema)).toBe(type)
})

test('an operation says where its parameters go, which are required, and what may come back', () => {
  const types = apiTypes({
    paths: {
      '/v1/things/{id}': {
        get: {
          summary: 'Get a thing',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'limit', in: 'query', schema: { type: 'integer' } },
          ],
          responses: {
            200: { description: 'It.', content: { 'application/json': { schema: { type: 'number' } } } },
            204: { description: 'Nothing.' },
          },
        },
      },
    },
    components: { schemas: { Thing: { type: 'object', properties: {} } } },
  })
  expect(types).toContain('"/v1/things/{id}": {')
  expect(types).toContain('query?: { "limit"?: number }; header?: never; path: { "id": string }')
  expect(types).toContain(
    '200: { headers: { [name: string]: unknown }; content: { "application/json": number } }',
  )
  expect(types).toContain('204: { headers: { [name: string]: unknown }; content?: never }')
  expect(types).toContain('post?: never')
  expect(types).toContain('Thing: Record<string, unknown>')
})

test('a document that uses more than is understood fails the generation', () => {
  expect(() =>
    apiTypes({ paths: { '/x': { get: { responses: { 200: { content: { a: 1 } } } } } } }),
  ).toThrow()
})
