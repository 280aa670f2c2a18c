import { z } from 'zod'

/*
 * The types of the API client from the OpenAPI document, in the form openapi-fetch reads them: one `paths` with an entry
 * for each operation. The usual generator needs the compiler API of TypeScript 5; the document uses little enough of
 * JSON Schema that this is all there is to it.
 */

interface Schema {
  $ref?: string | undefined
  type?: string | string[] | undefined
  format?: string | undefined
  enum?: (string | number)[] | undefined
  const?: string | number | boolean | undefined
  properties?: Record<string, Schema> | undefined
  required?: string[] | undefined
  additionalProperties?: Schema | boolean | undefined
  items?: Schema | undefined
  anyOf?: Schema[] | undefined
  oneOf?: Schema[] | undefined
  allOf?: Schema[] | undefined
  description?: string | undefined
}

const schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    enum: z.array(z.union([z.string(), z.number()])).optional(),
    const: z.union([z.string(), z.number(), z.boolean()]).optional(),
    properties: z.record(z.string(), schema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), schema]).optional(),
    items: schema.optional(),
    anyOf: z.array(schema).optional(),
    oneOf: z.array(schema).optional(),
    allOf: z.array(schema).optional(),
    description: z.string().optional(),
  }),
)
const content = z.record(z.string(), z.object({ schema }))
const parameter = z.object({
  name: z.string(),
  in: z.enum(['query', 'header', 'path', 'cookie']),
  required: z.boolean().default(false),
  description: z.string().optional(),
  schema,
})
const operation = z.object({
  summary: z.string().optional(),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ required: z.boolean().default(false), content }).optional(),
  responses: z.record(z.string(), z.object({ content: content.optional() })),
})
const methods = ['get', 'put', 'post', 'delete', 'patch'] as const
const documentSchema = z.object({
  paths: z.record(z.string(), z.partialRecord(z.enum(methods), operation)),
  components: z.object({ schemas: z.record(z.string(), schema) }),
})

type Operation = z.infer<typeof operation>

/** TypeScript with `paths` and `components` for the document. */
export function apiTypes(document: unknown): string {
  const { paths, components } = documentSchema.parse(document)
  const lines = [
    '// Generated from docs/openapi.json by `npm run generate`.',
    '',
    'export interface paths {',
    ...Object.entries(paths).flatMap(([path, operations]) => [
      `  ${JSON.stringify(path)}: {`,
      '    parameters: Record<never, never>',
      ...methods.flatMap((method) => operationType(method, operations[method])),
      '  }',
    ]),
    '}',
    '',
    'export interface components {',
    '  schemas: {',
    ...Object.entries(components.schemas).map(([name, type]) => `    ${name}: ${typeOf(type)}`),
    '  }',
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function operationType(method: string, operation: Operation | undefined): string[] {
  if (operation === undefined) return [`    ${method}?: never`]
  const { parameters, requestBody, responses, summary } = operation
  const places = (['query', 'header', 'path', 'cookie'] as const).map((place) => {
    const own = parameters.filter((given) => given.in === place)
    if (own.length === 0) return `${place}?: never`
    const fields = own.map(
      ({ name, required, schema }) => `${JSON.stringify(name)}${required ? '' : '?'}: ${typeOf(schema)}`,
    )
    return `${place}${own.some(({ required }) => required) ? '' : '?'}: { ${fields.join('; ')} }`
  })
  const body =
    requestBody === undefined
      ? 'requestBody?: never'
      : `requestBody${requestBody.required ? '' : '?'}: { content: ${contentType(requestBody.content)} }`
  const answers = Object.entries(responses).map(
    ([status, { content }]) =>
      `${status}: { headers: { [name: string]: unknown }; ${content === undefined ? 'content?: never' : `content: ${contentType(content)}`} }`,
  )
  return [
    ...(summary === undefined ? [] : [`    /** ${summary} */`]),
    `    ${method}: {`,
    `      parameters: { ${places.join('; ')} }`,
    `      ${body}`,
    `      responses: { ${answers.join('; ')} }`,
    '    }',
  ]
}

function contentType(content: Record<string, { schema: Schema }>): string {
  const types = Object.entries(content).map(
    ([type, { schema }]) => `${JSON.stringify(type)}: ${typeOf(schema)}`,
  )
  return `{ ${types.join('; ')} }`
}

/** What JSON of this schema looks like to TypeScript; ranges and patterns have no types. */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return `components["schemas"]["${schema.$ref.split('/').at(-1)}"]`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) return alternatives.map(typeOf).join(' | ')
  const all = [...(schema.allOf ?? []).map(typeOf), ...ownType(schema)]
  return all.length === 0 ? 'unknown' : all.join(' & ')
}

function ownType(schema: Schema): string[] {
  const { type } = schema
  if (!Array.isArray(type)) return simpleType(type, schema)
  return [type.flatMap((one) => simpleType(one, schema)).join(' | ')]
}

function simpleType(type: string | undefined, schema: Schema): string[] {
  switch (type) {
    case 'string':
      return [schema.format === 'binary' ? 'Blob' : 'string']
    case 'integer':
    case 'number':
      return ['number']
    case 'boolean':
      return ['boolean']
    case 'null':
      return ['null']
    case 'array':
      return [`(${typeOf(schema.items ?? {})})[]`]
    case 'object':
      return [objectType(schema)]
    default:
      return []
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(([name, field]) => {
    const doc = field.description === undefined ? '' : `/** ${field.description.replaceAll('*/', '*\\/')} */ `
    return `${doc}${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(field)}`
  })
  if (typeof additionalProperties === 'object') fields.push(`[name: string]: ${typeOf(additionalProperties)}`)
  return fields.length === 0 ? 'Record<string, unknown>' : `{ ${fields.join('; ')} }`
}
