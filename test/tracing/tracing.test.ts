import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { fixtures } from '../fixtures/index.ts'
import { startService } from '../support/service.ts'

const attributeSchema = z.object({ key: z.string(), value: z.looseObject({}) })
const spanSchema = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  attributes: z.array(attributeSchema),
})
const exportSchema = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
})
type Span = z.infer<typeof spanSchema>

/** What a collector that speaks OTLP over HTTP is sent. */
async function startCollector() {
  const spans: Span[] = []
  const server = createServer((request, response) => {
    json(request).then(
      (body) => {
        for (const { scopeSpans } of exportSchema.parse(body).resourceSpans) {
          for (const scope of scopeSpans) spans.push(...scope.spans)
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
  return { spans, endpoint: `http://127.0.0.1:${port}` }
}

test('one trace follows a file from its request to its compression; release and fold are on record', async () => {
  const { spans, endpoint } = await startCollector()
  const dataDir = await mkdtemp(join(tmpdir(), 'kompressor-tracing-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const service = await startService({
    dataDir,
    args: ['--slots', '1'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  })
  onTestFinished(() => service.kill())
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(fixtures.log())]), 'a.log')
  const response = await fetch(`${service.url}/v1/files`, {
    method: 'POST',
    body: form,
    headers: { prefer: 'wait=30' },
  })
  const file = z.object({ id: z.string(), state: z.string() }).parse(await response.json())
  expect(file.state).toBe('completed')
  // What is not sent yet is sent before the process ends.
  expect(await service.stop()).toBe(0)

  const named = (name: string) => spans.filter((span) => span.name === name)
  const [compress] = named('compress')
  expect(ancestry(spans, compress)).toEqual(['compress', 'accept', 'POST /v1/files'])
  expect(compress?.attributes).toContainEqual({ key: 'kompressor.file.id', value: { stringValue: file.id } })
  expect(named('release').length).toBeGreaterThan(0)
  expect(named('fold').length).toBeGreaterThan(0)
})

/** Names of a span and of those it descends from. */
function ancestry(spans: readonly Span[], span: Span | undefined): string[] {
  if (span === undefined) return []
  return [
    span.name,
    ...ancestry(
      spans,
      spans.find(({ spanId }) => spanId === span.parentSpanId),
    ),
  ]
}
