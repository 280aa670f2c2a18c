export type { Collector } from './collectors.ts'
export type { Counter, Gauge, Histogram, MetricDescription } from './instruments.ts'
export { createLogger, type LogDestination, type Logger, type LoggerOptions } from './logger.ts'
export {
  createMetrics,
  type FormatLabel,
  formatLabel,
  type Metrics,
  type MetricsOptions,
} from './metrics.ts'
export { metricsReference } from './reference.ts'
export {
  type Attributes,
  type Context,
  extractTraceparent,
  injectTraceparent,
  type Span,
  SpanKind,
  type SpanSettings,
  startTracing,
  type Tracer,
  type Tracing,
  type TracingOptions,
  withSpan,
  withSpans,
} from './tracing.ts'
