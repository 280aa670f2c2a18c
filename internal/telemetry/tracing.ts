import { setTimeout } from 'node:timers/promises'
import {
  type Attributes,
  type Context,
  context,
  DiagLogLevel,
  diag,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { KompressorError } from '../errors/index.ts'

export type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
export { SpanKind } from '@opentelemetry/api'

export interface Tracing {
  tracer: Tracer
  /**
   * Sends what is still waiting, as long as its deadline allows. Never rejects; repeatable. The exporter's own retries
   * may keep the event loop alive for OTEL_EXPORTER_OTLP_TIMEOUT (10 s): end the process explicitly.
   */
  shutdown(): Promise<void>
}

export interface TracingOptions {
  /** `service.name` unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise. */
  serviceName: string
  serviceVersion?: string
  /** Decides whether tracing starts. The OpenTelemetry SDK itself reads its OTEL_* variables from the process. */
  env: Readonly<Record<string, string | undefined>>
  /** Told when spans cannot be sent; the process goes on. To be logged as a warning. */
  onError: (error: unknown) => void
  /** How long `shutdown` waits for the collector, milliseconds. Default 3,000. */
  shutdownDeadlineMs?: number
}

/**
 * Starts OpenTelemetry when OTEL_TRACES_EXPORTER or an OTLP endpoint is set, and loads it only then: it takes 0.15-0.3 s
 * and 21 MB. Otherwise the tracer is the API's own that does nothing. Metrics and logs are not sent: /metrics and standard
 * output carry them.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  if (!isAskedFor(options.env))
    return { tracer: trace.getTracer('kompressor'), shutdown: async () => undefined }
  const { NodeSDK } = await import('@opentelemetry/sdk-node')
  const report = (message: string, ...details: unknown[]) =>
    options.onError(new Error([message, ...details].map(String).join(' ')))
  const ignore = () => undefined
  diag.setLogger(
    { error: report, warn: report, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  const sdk = new NodeSDK({
    ...(namesTheService(options.env) ? {} : { serviceName: options.serviceName }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  })
  sdk.start()
  let stopping: Promise<void> | undefined
  return {
    tracer: trace.getTracer('kompressor', options.serviceVersion),
    shutdown: () => {
      stopping ??= withDeadline(sdk.shutdown(), options.shutdownDeadlineMs ?? 3000).catch(options.onError)
      return stopping
    },
  }
}

async function withDeadline(sent: Promise<void>, ms: number): Promise<void> {
  const late = async () => {
    await setTimeout(ms, undefined, { ref: false })
    throw new KompressorError('internal', `The last spans could not be sent within ${ms} ms`)
  }
  await Promise.race([sent, late()])
}

function isAskedFor(env: TracingOptions['env']): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false
  return Boolean(
    env.OTEL_TRACES_EXPORTER || env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
  )
}

function namesTheService(env: TracingOptions['env']): boolean {
  return Boolean(env.OTEL_SERVICE_NAME) || /(^|,)\s*service\.name=/.test(env.OTEL_RESOURCE_ATTRIBUTES ?? '')
}

export interface SpanSettings {
  attributes?: Attributes
  kind?: SpanKind
  /** Default: the span that is active here. */
  parent?: Context
}

/**
 * Runs `fn` inside a span and returns what it returns. The span is active in `fn` and in everything it awaits, ends when
 * the promise settles, and carries the error when it rejects.
 *
 *     await withSpan(tracer, 'compress', { attributes: { 'kompressor.file.id': id } }, () => compressor.compress(request))
 */
export async function withSpan<T>(
  tracer: Tracer,
  name: string,
  settings: SpanSettings,
  fn: (span: Span) => T | Promise<T>,
): Promise<T> {
  const { parent = context.active(), ...options } = settings
  return tracer.startActiveSpan(name, options, parent, async (span) => {
    try {
      return await fn(span)
    } catch (error) {
      recordError(span, error)
      throw error
    } finally {
      span.end()
    }
  })
}

/**
 * Runs `fn`, which acts on many messages at once, inside a span for each of them: what becomes of a message stays in the
 * trace of who sent it. `fn` is given their contexts, in order, for headers; none of them is active in it.
 */
export async function withSpans<T>(
  tracer: Tracer,
  name: string,
  each: readonly SpanSettings[],
  fn: (contexts: readonly Context[]) => Promise<T>,
): Promise<T> {
  const contexts = each.map(({ parent = context.active(), ...options }) =>
    trace.setSpan(parent, tracer.startSpan(name, options, parent)),
  )
  const spans = contexts.map((own) => trace.getSpan(own)).filter((span) => span !== undefined)
  try {
    return await fn(contexts)
  } catch (error) {
    for (const span of spans) recordError(span, error)
    throw error
  } finally {
    for (const span of spans) span.end()
  }
}

function recordError(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : new Error(String(error))
  span.recordException(exception)
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message })
  span.setAttribute('error.type', 'code' in exception ? String(exception.code) : exception.name)
}

/** Headers that carry the given or the active span to another process (W3C Trace Context). Empty when tracing is off. */
export function injectTraceparent(from: Context = context.active()): Record<string, string> {
  const headers: Record<string, string> = {}
  propagation.inject(from, headers)
  return headers
}

/** The span that `headers` carry, as the `parent` of a new one. Without one the new span starts a trace. */
export function extractTraceparent(headers: Readonly<Record<string, string | undefined>>): Context {
  return propagation.extract(ROOT_CONTEXT, headers)
}
