import { z } from '@hono/zod-openapi'
import { type CompressionOptions, compressionOptionsSchema } from '../../codec/index.ts'
import { type Fault, FaultyRequest } from '../http/faults.ts'
import { plainWords } from '../http/plain-words.ts'
import { withClasses } from './classes.ts'

/**
 * Options as parameters of a query or fields of a form: `?format=WebP&quality=80`. The names are unique over all blocks,
 * so the blocks are left out. Derived from the schema of the JSON form, which checks the result too.
 */

const images = compressionOptionsSchema.shape.images.unwrap()
const data = compressionOptionsSchema.shape.data.unwrap()
const resize = images.shape.resize.unwrap()

/** Where each parameter belongs. */
const places: Readonly<Record<string, readonly string[]>> = {
  ...placesIn(['images', 'resize'], Object.keys(resize.shape)),
  ...placesIn(
    ['images'],
    Object.keys(images.shape).filter((key) => key !== 'resize'),
  ),
  ...placesIn(['data'], Object.keys(data.shape)),
  ...placesIn([], ['minSavingsPercent']),
}

export const optionNames = Object.keys(places)

/** Numbers arrive as text. What does not look like one is left for the schema to complain about. */
function parameter<T extends z.ZodType>(field: T) {
  return z.preprocess(toNumber, field.optional())
}

/** A parameter that is absent stays so: defaults are filled in where the options come together. */
function undefaulted<T extends z.ZodType>(field: z.ZodDefault<T>) {
  return parameter(field.unwrap()).describe(field.description ?? '')
}

export const optionParameters = {
  format: undefaulted(images.shape.format),
  preset: undefaulted(images.shape.preset),
  quality: parameter(images.shape.quality),
  targetQuality: parameter(images.shape.targetQuality),
  minScore: undefaulted(images.shape.minScore),
  maxBytes: parameter(images.shape.maxBytes),
  maxWidth: parameter(resize.shape.maxWidth),
  maxHeight: parameter(resize.shape.maxHeight),
  metadata: undefaulted(images.shape.metadata),
  codec: undefaulted(data.shape.codec),
  level: parameter(data.shape.level),
  as: undefaulted(data.shape.as),
  minSavingsPercent: undefaulted(compressionOptionsSchema.shape.minSavingsPercent),
}

/** The options that parameters stand for; undefined when there are none. Throws invalid_request naming parameters. */
export function optionsFromParameters(
  given: Readonly<Record<string, unknown>>,
): CompressionOptions | undefined {
  const names = optionNames.filter((name) => given[name] !== undefined)
  if (names.length === 0) return undefined
  const nested: Nested = { images: {}, data: {} }
  for (const name of names) place(nested, places[name] ?? [], name, toNumber(given[name]))
  return parseOptions(nested, (path) => ({ parameter: String(path.at(-1)) }))
}

/** Options given as JSON in a form field. Throws invalid_request, malformed_json stays the caller's. */
export function optionsFromJson(value: unknown): CompressionOptions {
  return parseOptions(value, (path) => ({ parameter: ['options', ...path].join('.') }))
}

function parseOptions(value: unknown, where: (path: readonly PropertyKey[]) => Omit<Fault, 'detail'>) {
  const parsed = compressionOptionsSchema.safeParse(value, { error: plainWords })
  if (parsed.success) return withClasses(parsed.data)
  throw new FaultyRequest(
    'invalid_request',
    parsed.error.issues.map(({ path, message }) => ({ ...where(path), detail: message })),
  )
}

interface Nested {
  [key: string]: unknown
}

function place(target: Nested, path: readonly string[], name: string, value: unknown): void {
  const [block, ...rest] = path
  if (block === undefined) {
    target[name] = value
    return
  }
  const inner: Nested = {}
  Object.assign(inner, target[block])
  target[block] = inner
  place(inner, rest, name, value)
}

function placesIn(path: readonly string[], names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, path]))
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
}
