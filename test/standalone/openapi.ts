import { z } from 'zod'

const schemaSchema = z.custom<z.core.JSONSchema.JSONSchema>(
  (value) => typeof value === 'object' && value !== null,
)
const contentSchema = z.record(z.string(), z.object({ schema: schemaSchema.optional() }))
const operationSchema = z.object({
  responses: z.record(z.string(), z.object({ content: contentSchema.optional() })),
})
const documentSchema = z.object({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), schemaSchema) }),
})

/** Holds answers against the OpenAPI document the service gives of itself. */
export class ApiDocument {
  readonly version: string
  /** `METHOD /path/{template}` of everything it describes. */
  readonly operations: readonly string[]
  /** Those of them that were answered with something it describes. */
  readonly answered = new Set<string>()
  readonly #document: z.infer<typeof documentSchema>
  readonly #parsers = new Map<string, z.ZodType>()

  constructor(json: string) {
    // What JSON Schema calls definitions, OpenAPI calls components.
    this.#document = documentSchema.parse(JSON.parse(json.replaceAll('#/components/schemas/', '#/$defs/')))
    this.version = this.#document.openapi
    this.operations = Object.entries(this.#document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
  }

  /** Throws when an answer is not as described. What the document does not describe at all is passed over. */
  async check(method: string, path: string, response: Response): Promise<void> {
    const operation = this.operations.find((name) => matches(name, method, path))
    if (operation === undefined) return
    const [, template = ''] = operation.split(' ')
    const { responses } = this.#document.paths[template]?.[method.toLowerCase()] ?? { responses: {} }
    const described = responses[String(response.status)] ?? (response.ok ? undefined : responses.default)
    const where = `${operation} → ${response.status}`
    if (described === undefined) throw new Error(`${where} is not in the document`)
    this.answered.add(operation)
    if (described.content === undefined) return
    const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
    const content = described.content[type] ?? described.content['*/*']
    if (content === undefined) throw new Error(`${where} has the type ${type}, which is not in the document`)
    if (!type.endsWith('json')) return
    const parsed = this.#parser(`${where} ${type}`, content.schema).safeParse(await response.json())
    if (!parsed.success) throw new Error(`${where} is not as documented: ${z.prettifyError(parsed.error)}`)
  }

  /** Throws when the data of an event is not as described. */
  checkEvent(data: unknown): void {
    const parsed = this.#parser('Event', this.#document.components.schemas.Event).safeParse(data)
    if (!parsed.success) throw new Error(`an event is not as documented: ${z.prettifyError(parsed.error)}`)
  }

  #parser(name: string, schema: z.core.JSONSchema.JSONSchema = {}): z.ZodType {
    const known = this.#parsers.get(name)
    if (known !== undefined) return known
    const parser = z.fromJSONSchema({ ...schema, $defs: this.#document.components.schemas })
    this.#parsers.set(name, parser)
    return parser
  }
}

function matches(operation: string, method: string, path: string): boolean {
  const [name, template = ''] = operation.split(' ')
  const { pathname } = new URL(path, 'http://service')
  return name === method && new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname)
}
