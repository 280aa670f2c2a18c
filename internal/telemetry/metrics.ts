import { collectDefaultMetrics, Registry } from 'prom-client'
import { type ErrorCode, errorCodes } from '../errors/index.ts'
import { collectors } from './collectors.ts'
import { instrumentsOn } from './instruments.ts'

const fileStates = ['pending', 'queued', 'processing', 'completed', 'failed', 'cancelled'] as const
const codes = Object.keys(errorCodes) as ErrorCode[]

/** Formats of outputs; `none` when there is no output because the file was skipped. */
const formats = [
  'jpeg',
  'png',
  'webp',
  'avif',
  'gif',
  'tiff',
  'zstd',
  'brotli',
  'gzip',
  'other',
  'none',
] as const
export type FormatLabel = (typeof formats)[number]

/** The label for an output's media type and content encoding (`zstd`, `br` or `gzip`). */
export function formatLabel(
  output: { type: string; contentEncoding?: string | undefined } | undefined,
): FormatLabel {
  if (output === undefined) return 'none'
  const name = output.contentEncoding ?? output.type.replace(/^(image|application)\/(x-)?/, '')
  if (name === 'br') return 'brotli'
  return formats.find((format) => format === name) ?? 'other'
}

/** Compression of one file: milliseconds for a thumbnail, minutes for gigabytes of data. */
const workSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** From accepted to done, or waiting in a queue: up to hours. */
const waitSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400]
/** One HTTP request or one transaction. */
const callSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

export type Metrics = ReturnType<typeof createMetrics>

/**
 * Every metric of a process, on a registry of its own. Counters and histograms are fed where things happen; gauges that
 * must be asked for are set by a collector of their owner:
 *
 *     const stop = metrics.onCollect('files', async () => {
 *       for (const { state, count } of await store.countFiles()) metrics.files.set({ state }, count)
 *     })
 *
 * Labels are bounded: no ids, no names, no paths but route templates.
 */
export function createMetrics(options: MetricsOptions = {}) {
  const registry = new Registry()
  const { counter, gauge, histogram, descriptions } = instrumentsOn(registry)
  const collectFailures = counter(
    'kompressor_collect_failures_total',
    'Collectors that threw or took too long; their gauges kept the values of the scrape before.',
    { collector: { bounded: 'name of the collector' } },
  )
  const { onCollect, collect } = collectors(options.collectDeadlineMs ?? 5000, (name, error) => {
    collectFailures.inc({ collector: name })
    options.onCollectError?.(name, error)
  })
  if (options.processMetrics ?? true) {
    // The sampling timer costs an idle process 0.35 % of a core at prom-client's 10 ms. The event loop lag it reports
    // includes the precision, so it cannot be much coarser.
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 })
  }

  return {
    files: gauge('kompressor_files', 'Files by state.', { state: fileStates }),
    bytesIn: counter('kompressor_bytes_in_total', 'Bytes of the inputs of finished files.', {}),
    bytesOut: counter(
      'kompressor_bytes_out_total',
      'Bytes of the outputs of finished files; a kept or skipped file counts its input.',
      {},
    ),
    bytesSaved: counter('kompressor_bytes_saved_total', 'Bytes in less bytes out of finished files.', {}),
    compressionSeconds: histogram(
      'kompressor_compression_seconds',
      'Time one file spent in its compressing process, by format of the output.',
      { format: formats },
      workSeconds,
    ),
    endToEndSeconds: histogram(
      'kompressor_end_to_end_seconds',
      'Time from accepted to completed or failed, for each file.',
      {},
      waitSeconds,
    ),
    queueWaitSeconds: histogram(
      'kompressor_queue_wait_seconds',
      'Time from queued to the start of the compression, for each attempt.',
      {},
      waitSeconds,
    ),
    failures: counter('kompressor_failures_total', 'Files that failed for good, by code.', { code: codes }),
    retries: counter('kompressor_retries_total', 'Attempts that failed and are tried again, by code.', {
      code: codes,
    }),
    poolSlots: gauge('kompressor_pool_slots', 'Slots of the compressing processes.', {
      state: ['busy', 'idle'],
    }),
    poolBusySeconds: counter(
      'kompressor_pool_busy_seconds_total',
      'Time the compressing processes were at work, together: its rate over the slots is the share of them in use.',
      {},
    ),
    poolStarts: counter('kompressor_pool_starts_total', 'Compressing processes started, by why.', {
      reason: ['first', 'recycled', 'killed', 'crashed'],
    }),
    httpRequests: counter('kompressor_http_requests_total', 'HTTP requests that have ended.', {
      method: { bounded: 'HTTP method' },
      route: { bounded: 'route template, such as /v1/files/{id}' },
      status: { bounded: 'HTTP status, or none: the client went away before its answer' },
    }),
    httpRequestSeconds: histogram(
      'kompressor_http_request_seconds',
      'Time to the end of the response; streams of events are not counted.',
      {
        method: { bounded: 'HTTP method' },
        route: { bounded: 'route template, such as /v1/files/{id}' },
      },
      callSeconds,
    ),
    httpConnections: gauge('kompressor_http_connections', 'Open streams of events.', { kind: ['sse', 'ws'] }),
    outboxTasks: gauge('kompressor_outbox_tasks', 'Tasks accepted and not yet released to the broker.', {}),
    outboxAgeSeconds: gauge(
      'kompressor_outbox_age_seconds',
      'Age of the oldest due task in the outbox; 0 when there is none.',
      {},
    ),
    relayReleased: counter(
      'kompressor_relay_released_total',
      'Tasks released to the broker, repeated releases included.',
      {},
    ),
    folds: counter('kompressor_folds_total', 'Batches of reports folded into rows.', {}),
    foldSeconds: histogram(
      'kompressor_fold_seconds',
      'Time of one fold, its transaction included.',
      {},
      callSeconds,
    ),
    projectorDelaySeconds: histogram(
      'kompressor_projector_delay_seconds',
      'Time from a report in the broker to its fold.',
      {},
      waitSeconds,
    ),
    brokerLag: gauge('kompressor_broker_lag', 'Records a consumer group still has to do.', {
      topic: { bounded: 'topic' },
      group: { bounded: 'consumer group' },
    }),
    brokerRebalances: counter(
      'kompressor_broker_rebalances_total',
      'Times a consumer of this process was given its partitions anew.',
      { topic: { bounded: 'topic; those of jobs are one, file-compression.*' } },
    ),
    brokerCommits: counter('kompressor_broker_commits_total', 'Commits of offsets, repetitions included.', {
      outcome: ['ok', 'failed'],
    }),
    storeCallSeconds: histogram(
      'kompressor_store_call_seconds',
      'Time of one statement in Postgres, the wait for a connection included.',
      { outcome: ['ok', 'failed', 'unavailable'] },
      callSeconds,
    ),
    storeConnections: gauge(
      'kompressor_store_connections',
      'Connections to Postgres, and how many callers wait for one.',
      { state: ['busy', 'idle', 'wanted'] },
    ),
    objectCallSeconds: histogram(
      'kompressor_object_call_seconds',
      'Time of one call of the object store, its retries and waits for its turn included.',
      {
        operation: { bounded: 'operation of the S3 API' },
        outcome: ['ok', 'failed', 'throttled', 'unavailable'],
      },
      callSeconds,
    ),
    sweeps: counter('kompressor_sweeps_total', 'Rows the sweeper acted on, by what for.', {
      kind: ['released_again', 'upload_expired', 'upload_ended', 'retention', 'orphan'],
    }),
    webhookCalls: counter(
      'kompressor_webhook_calls_total',
      'Calls that tell of the end of a batch, by what came of them.',
      {
        outcome: ['delivered', 'failed', 'given_up', 'gone'],
      },
    ),
    webhookCallSeconds: histogram(
      'kompressor_webhook_call_seconds',
      'Time of one such call, whatever came of it.',
      {},
      callSeconds,
    ),
    webhooksWaiting: gauge(
      'kompressor_webhooks_waiting',
      'Ends of batches that are to be told and were not yet.',
      {},
    ),
    webhooksAgeSeconds: gauge(
      'kompressor_webhooks_age_seconds',
      'How long the oldest of them has waited; 0 when there is none.',
      {},
    ),
    kubeRequests: counter('kompressor_kube_requests_total', 'Requests to the Kubernetes API.', {
      verb: { bounded: 'verb of the API' },
      resource: { bounded: 'plural name and subresource' },
      code: { bounded: 'HTTP status, or error when there was no answer' },
    }),
    kubeRequestSeconds: histogram(
      'kompressor_kube_request_seconds',
      'Time to the head of the answer of the Kubernetes API.',
      { verb: { bounded: 'verb of the API' } },
      callSeconds,
    ),
    reconciles: counter(
      'kompressor_operator_reconciles_total',
      'CompressionJobs looked at by the operator.',
      {
        outcome: ['success', 'error'],
      },
    ),
    reconcileSeconds: histogram(
      'kompressor_operator_reconcile_seconds',
      'Time the operator takes to look at one CompressionJob.',
      {},
      callSeconds,
    ),
    autoscalerDecisions: counter(
      'kompressor_autoscaler_decisions_total',
      'Decisions about the number of workers of a job, by why.',
      { reason: { bounded: 'reason, as in docs/autoscaling.md' } },
    ),
    /** Registers what sets gauges before each scrape; returns how to take it away. A failure is counted and reported, the scrape goes on. */
    onCollect,
    /** The answer to a scrape, after every collector ran. */
    async scrape(): Promise<{ contentType: string; body: string }> {
      await collect()
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
    /** What there is, for the reference. */
    descriptions,
  }
}

export interface MetricsOptions {
  /** The usual process_* and nodejs_* metrics too. Default true. */
  processMetrics?: boolean
  /** How long a scrape waits for a collector, milliseconds. Default 5,000: Prometheus itself waits 10 s by default. */
  collectDeadlineMs?: number
  /** Told when a collector throws or takes too long. */
  onCollectError?: (collector: string, error: unknown) => void
}
