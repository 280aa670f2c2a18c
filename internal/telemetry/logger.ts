import { isSpanContextValid, trace } from '@opentelemetry/api'
import { type DestinationStream, type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import { describeError } from './describe-error.ts'
import { redactUrls } from './redact.ts'

export type { Logger } from 'pino'

export interface LoggerOptions {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  /** auto: for people when the destination is a terminal, else JSON lines. */
  format: 'auto' | 'pretty' | 'json'
  /** Such as process.stdout. */
  destination: LogDestination
}

export interface LogDestination extends DestinationStream {
  isTTY?: boolean
}

/**
 * The process's logger. Children carry what a line is about, and every line inside a span carries its trace:
 *
 *     const log = logger.child({ batchId, fileId })
 *     log.warn({ error }, 'compression failed, trying again')
 *
 * Errors go under `error` and are written with code, message, stack and causes. Signatures and tokens in URLs are
 * replaced, wherever in a line they stand.
 */
export function createLogger({ level, format, destination }: LoggerOptions): Logger {
  const readable = format === 'pretty' || (format === 'auto' && destination.isTTY === true)
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      errorKey: 'error',
      serializers: { error: describeError, err: describeError },
      formatters: { level: (label) => ({ level: label }) },
      mixin: activeTrace,
      // After serialisation, so that no field, message, stack or cause escapes.
      hooks: { streamWrite: redactUrls },
    },
    readable ? prettyStream(destination) : destination,
  )
}

/** Formats in this process: a worker thread would lose the last lines of a crash. */
function prettyStream(destination: LogDestination): DestinationStream {
  const format = prettyFactory({
    colorize: destination.isTTY === true,
    translateTime: 'SYS:HH:MM:ss.l',
    errorLikeObjectKeys: ['error', 'err'],
  })
  return { write: (line) => destination.write(format(line)) }
}

function activeTrace(): Record<string, string> {
  const span = trace.getActiveSpan()?.spanContext()
  return span !== undefined && isSpanContextValid(span) ? { traceId: span.traceId, spanId: span.spanId } : {}
}
