/** The process of tracing.test.ts: a span that crosses a record's headers, a failure, and their log lines. */
import { registerHooks } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import {
  createLogger,
  extractTraceparent,
  injectTraceparent,
  SpanKind,
  startTracing,
  withSpan,
} from './index.ts'

let sdkLoaded = false
registerHooks({
  resolve(specifier, context, next) {
    sdkLoaded ||= specifier.startsWith('@opentelemetry/sdk')
    return next(specifier, context)
  },
})

const logger = createLogger({ level: 'info', format: 'json', destination: process.stdout })
const { tracer, shutdown } = await startTracing({
  serviceName: 'fixture',
  env: process.env,
  onError: (error) => logger.warn({ error }, 'not sent'),
  shutdownDeadlineMs: 500,
})

const headers = await withSpan(tracer, 'accept', { attributes: { 'file.id': 'f1' } }, async () => {
  await setImmediate()
  logger.info({ headers: injectTraceparent() }, 'accepted')
  return injectTraceparent()
})

const options = { kind: SpanKind.CONSUMER, parent: extractTraceparent(headers) }
await withSpan(tracer, 'compress', options, () => {
  throw Object.assign(new Error('cannot decode'), { code: 'corrupt_input' })
}).catch((error: unknown) => logger.error({ error }, 'failed'))

logger.info({ sdkLoaded }, 'outside')
const stopping = performance.now()
await shutdown()
await shutdown()
logger.info({ ms: performance.now() - stopping }, 'stopped')
process.exit()
