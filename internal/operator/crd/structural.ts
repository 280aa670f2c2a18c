import { z } from 'zod'
import type { Rule } from '../schema/rules.ts'

/** A structural schema: the part of OpenAPI that a CustomResourceDefinition may use. */
export interface Structural {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  description?: string
  default?: unknown
  format?: string
  enum?: readonly unknown[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  maxProperties?: number
  items?: Structural
  properties?: Record<string, Structural>
  required?: string[]
  additionalProperties?: Structural
  'x-kubernetes-validations'?: readonly Rule[]
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: readonly string[]
}

/** What is taken over as it is. */
const kept = [
  'type',
  'description',
  'default',
  'format',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
  'x-kubernetes-validations',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
] as const

/** What says nothing that a structural schema could say: unknown fields are pruned, keys of maps are not checked. */
const dropped = ['$schema', 'propertyNames']

/** The structural schema of a zod schema. Throws on what cannot be said in one, so that nothing is lost in silence. */
export function structuralOf(schema: z.ZodType): Structural {
  return convert(z.toJSONSchema(schema, { io: 'output', reused: 'inline' }), '')
}

type JsonSchema = z.core.JSONSchema.BaseSchema

function convert(json: JsonSchema, path: string): Structural {
  if (json['x-kubernetes-int-or-string'] === true) {
    return { ...described(json), 'x-kubernetes-int-or-string': true }
  }
  const result: Structural = {}
  for (const name of kept) if (json[name] !== undefined) Object.assign(result, { [name]: json[name] })
  if (json.type === 'integer') {
    result.format = 'int64'
    if (result.minimum === Number.MIN_SAFE_INTEGER) delete result.minimum
    if (result.maximum === Number.MAX_SAFE_INTEGER) delete result.maximum
  }
  // The format says it; the pattern that goes with it is for machines.
  if (json.format === 'date-time') delete result.pattern

  for (const [key, value] of Object.entries(json)) {
    switch (key) {
      case 'properties':
        result.properties = Object.fromEntries(
          Object.entries(json.properties ?? {}).map(([name, child]) => [
            name,
            convert(objectOf(child), `${path}.${name}`),
          ]),
        )
        break
      case 'required': {
        // What has a default need not be given.
        const required = (json.required ?? []).filter((name) => !hasDefault(json.properties?.[name]))
        if (required.length > 0) result.required = required
        break
      }
      case 'items':
        result.items = convert(objectOf(json.items), `${path}[]`)
        break
      case 'additionalProperties':
        if (value !== false && result['x-kubernetes-preserve-unknown-fields'] !== true) {
          result.additionalProperties = convert(objectOf(value), `${path}.*`)
        }
        break
      default:
        if (!dropped.includes(key) && !kept.some((name) => name === key)) {
          throw new Error(`${path || 'the root'}: a structural schema has no ${key}`)
        }
    }
  }
  if (typeof result.type !== 'string') throw new Error(`${path || 'the root'} has not one type`)
  return result
}

function described(json: JsonSchema): Pick<Structural, 'description'> {
  return json.description === undefined ? {} : { description: json.description }
}

function hasDefault(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'default' in json
}

function objectOf(json: unknown): JsonSchema {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Error('a schema is expected')
  return { ...json }
}
