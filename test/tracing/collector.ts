import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

const attributeSchema = z.object({ key: z.string(), value: z.looseObject({}) })
const spanSchema = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  attributes: z.array(attributeSchema),
})
const exportSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attributeSchema) }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
})

/** A span, and the process it is of. */
export type Span = z.infer<typeof spanSchema> & { process: string }

/** What a collector that speaks OTLP over HTTP is sent, until the test ends. */
export async function startCollector() {
  const spans: Span[] = []
  const server = createServer((request, response) => {
    json(request).then(
      (body) => {
        for (const { resource, scopeSpans } of exportSchema.parse(body).resourceSpans) {
          const process = attributeOf(resource, 'process.pid')
          for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, process })))
        }
        response.setHeader('content-type', 'application/json').end('{}')
      },
      (error: unknown) => response.writeHead(400).end(String(error)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    spans,
    /** What makes a process send its spans here. */
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    },
  }
}

/** The value of an attribute as text; empty when it is not there. */
export function attributeOf({ attributes }: Pick<Span, 'attributes'>, key: string): string {
  const value = attributes.find((attribute) => attribute.key === key)?.value
  return String(value?.stringValue ?? value?.intValue ?? '')
}

/** A span and those it descends from, the oldest last. */
export function ancestry(spans: readonly Span[], span: Span | undefined): Span[] {
  if (span === undefined) return []
  return [
    span,
    ...ancestry(
      spans,
      spans.find(({ spanId }) => spanId === span.parentSpanId),
    ),
  ]
}
