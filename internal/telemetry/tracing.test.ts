import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import path from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

const run = promisify(execFile)
const fixture = path.join(import.meta.dirname, 'tracing.fixture.ts')

/** What an OTLP/HTTP receiver is sent, as far as these tests look at it. */
const exportSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(z.object({ key: z.string(), value: z.unknown() })) }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(z.looseObject({ name: z.string(), traceId: z.string(), spanId: z.string() })),
        }),
      ),
    }),
  ),
})
type Export = z.infer<typeof exportSchema>

let server: Server
let endpoint: string
let received: { path: string; body: Export }[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    json(request).then(
      (body) => {
        received.push({ path: request.url ?? '', body: exportSchema.parse(body) })
        response.setHeader('content-type', 'application/json').end('{}')
      },
      (error: unknown) => response.writeHead(400).end(String(error)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  endpoint = `http://127.0.0.1:${portOf(server)}`
})
afterAll(() => {
  server.close()
})
beforeEach(() => {
  received = []
})

function portOf(listening: Server): number {
  const address = listening.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening on a port')
  return address.port
}

const lineSchema = z.looseObject({
  msg: z.string(),
  traceId: z.string().optional(),
  spanId: z.string().optional(),
})

async function runFixture(env: Record<string, string>) {
  const { stdout } = await run(process.execPath, [fixture], { env: { PATH: process.env.PATH, ...env } })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)))
  const spans = received.flatMap(({ body }) =>
    body.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans)),
  )
  return {
    line: (msg: string) => lines.find((l) => l.msg === msg),
    span: (name: string) => spans.find((s) => s.name === name),
  }
}

describe('a process with an OTLP endpoint', () => {
  it('sends its spans, joined across headers, with the error and the name of the service', async () => {
    const { span } = await runFixture({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    })
    expect(new Set(received.map((r) => r.path))).toEqual(new Set(['/v1/traces']))
    expect(received[0]?.body.resourceSpans[0]?.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'fixture' },
    })
    const [accept, compress] = [span('accept'), span('compress')]
    expect(accept?.attributes).toEqual([{ key: 'file.id', value: { stringValue: 'f1' } }])
    expect(compress).toMatchObject({
      traceId: accept?.traceId,
      parentSpanId: accept?.spanId,
      status: { code: 2, message: 'cannot decode' },
      attributes: [{ key: 'error.type', value: { stringValue: 'corrupt_input' } }],
      events: [{ name: 'exception' }],
    })
  })

  it('writes the trace into the log lines inside a span, also after a wait, and into no other', async () => {
    const { line, span } = await runFixture({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    })
    const { traceId, spanId } = span('accept') ?? {}
    expect(line('accepted')).toMatchObject({ traceId, spanId })
    expect(line('accepted')?.headers).toEqual({ traceparent: `00-${traceId}-${spanId}-01` })
    expect(line('outside')).not.toHaveProperty('traceId')
    expect(line('outside')).toMatchObject({ sdkLoaded: true })
  })

  it('lets OTEL_SERVICE_NAME decide how the service is called', async () => {
    await runFixture({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/v1/traces`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_SERVICE_NAME: 'mine',
    })
    expect(received[0]?.body.resourceSpans[0]?.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'mine' },
    })
  })
})

describe('a process whose collector is gone', () => {
  it('works, stops in time and says what is lost', async () => {
    const gone = createServer()
    await once(gone.listen(0, '127.0.0.1'), 'listening')
    const port = portOf(gone)
    await once(gone.close(), 'close')
    const { line } = await runFixture({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` })
    expect(line('failed')).toBeDefined()
    expect(line('not sent')).toBeDefined()
    expect(line('stopped')?.ms).toBeLessThan(2000)
  })

  it('says so when the collector refuses its spans', async () => {
    const { line } = await runFixture({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    })
    expect(line('not sent')).toBeDefined()
    expect(line('stopped')).toBeDefined()
  })
})

describe('a process that nobody asked for traces', () => {
  it.each([
    ['no variable', {}],
    ['an exporter of none', { OTEL_TRACES_EXPORTER: 'none' }],
    ['a disabled SDK', { OTEL_SDK_DISABLED: 'true' }],
  ])('sends nothing and does not load the SDK: %s', async (name, env) => {
    const asked = name === 'no variable' ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
    const { line } = await runFixture({ ...asked, ...env })
    expect(received).toEqual([])
    expect(line('accepted')).toMatchObject({ headers: {} })
    expect(line('accepted')).not.toHaveProperty('traceId')
    expect(line('failed')).toBeDefined()
    expect(line('outside')).toMatchObject({ sdkLoaded: false })
  })
})
