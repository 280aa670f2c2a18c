import { type Answered, createPoster, type Poster } from '../../fetch/index.ts'
import { pause } from '../../pause/index.ts'
import {
  type DeliveryOutcome,
  type LeasedDelivery,
  leaseDeliveries,
  recordAttempt,
  releaseDelivery,
  type Store,
  waitingDeliveries,
} from '../../store/index.ts'
import { SpanKind, withSpan } from '../../telemetry/index.ts'
import type { DeliveryDeps } from '../deps.ts'
import { startLoop } from '../loop.ts'
import { type Called, judge } from './judge.ts'
import { messageOf } from './message.ts'

export interface WebhooksOptions extends DeliveryDeps {
  store: Store
  random: () => number
  /** Private networks that webhooks may go to. None by default. */
  allow?: readonly string[]
  /** Longest a call may take, milliseconds. Default 15 s. */
  timeoutMs?: number
  /** Between two looks at what is due when nobody says that a batch has ended, milliseconds. Default 5 s. */
  idleMs?: number
}

/** Calls at a time. */
const mostCalls = 32
/** Calls to one host at a time: one that hangs keeps no more from the others than this. */
const mostPerHost = 4
const minIntervalMs = 100
/** What writing down an outcome may take beyond the call itself, before somebody else calls again. */
const slackMs = 45_000

/**
 * Tells receivers of batches that have ended. Any number may run: a delivery is leased in one transaction, posted outside
 * any, and what came of it is written down in another. A crash in between posts the same message again, with the same
 * `webhook-id`. Calls run beside each other, and no round waits for one.
 */
export async function startWebhooks(
  options: WebhooksOptions,
): Promise<{ stop(options?: { graceMs?: number }): Promise<void> }> {
  const { store, logger, metrics, clock, allow = [], timeoutMs = 15_000, idleMs = 5_000 } = options
  const poster = createPoster({ allow, option: '--webhook-allow', timeoutMs })
  const stopping = new AbortController()
  const inHand = new Map<Promise<void>, string>()

  async function round(): Promise<number> {
    const limit = mostCalls - inHand.size
    if (limit === 0) return idleMs
    const now = clock()
    const leased = await leaseDeliveries(store.db, {
      limit,
      perHost: mostPerHost,
      inHand: countsOf(inHand.values()),
      now,
      leasedUntil: new Date(now.getTime() + timeoutMs + slackMs),
    })
    for (const delivery of leased) begin(delivery)
    return idleMs
  }

  function begin(delivery: LeasedDelivery): void {
    const call = deliver(options, poster, delivery, stopping.signal)
      .catch((error: unknown) => {
        logger.error(
          { error, ...nameOf(delivery) },
          'what came of a webhook could not be written down; it is sent again',
        )
      })
      .finally(() => {
        inHand.delete(call)
        loop.wake()
      })
    inHand.set(call, delivery.host)
  }

  const loop = startLoop({
    round,
    minIntervalMs,
    errorDelayMs: 1_000,
    onError: (error) => logger.error({ error }, 'ends of batches could not be looked up; trying again'),
  })
  // Whatever ends a batch tells it as an event.
  const unlisten = await store.listen('events', loop.wake).catch(async (error: unknown) => {
    await loop.stop()
    poster.close()
    throw error
  })
  const stopCollecting = metrics.onCollect('webhooks', async () => {
    const { count, oldest } = await waitingDeliveries(store.db)
    metrics.webhooksWaiting.set(count)
    metrics.webhooksAgeSeconds.set(oldest === undefined ? 0 : (clock().getTime() - oldest.getTime()) / 1000)
  })
  return {
    async stop({ graceMs = 0 } = {}) {
      stopCollecting()
      await unlisten()
      await loop.stop()
      const patience = new AbortController()
      await Promise.race([Promise.all(inHand.keys()), pause(graceMs, patience.signal)])
      patience.abort()
      stopping.abort()
      await Promise.all(inHand.keys())
      poster.close()
    },
  }
}

function countsOf(hosts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1)
  return counts
}

function nameOf({ job, batchId, host }: LeasedDelivery) {
  return { job: job.name, namespace: job.namespace, batchId, host }
}

/** One attempt, and what came of it. */
async function deliver(
  options: WebhooksOptions,
  poster: Poster,
  delivery: LeasedDelivery,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, random, logger, metrics } = options
  const started = performance.now()
  const called = await call(options, poster, delivery, signal)
  if (called === undefined) return releaseDelivery(store.db, delivery)
  metrics.webhookCallSeconds.observe((performance.now() - started) / 1000)
  const now = clock()
  const outcome = judge(called, { failures: delivery.attempts, now, random })
  await recordAttempt(store.db, delivery, outcome, now)
  metrics.webhookCalls.inc({ outcome: outcome.kind })
  log(logger, delivery, outcome)
}

/** What the receiver said, or why it said nothing; undefined when the attempt was cut off by us. */
async function call(
  { tracer, clock }: WebhooksOptions,
  poster: Poster,
  delivery: LeasedDelivery,
  signal: AbortSignal,
): Promise<Called | undefined> {
  const attributes = {
    'http.request.method': 'POST',
    'server.address': delivery.host,
    'kompressor.batch.id': delivery.batchId,
    'kompressor.job.uid': delivery.job.uid,
    'http.request.resend_count': delivery.attempts,
  }
  try {
    return await withSpan(tracer, 'webhook', { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const answered: Answered = await poster.post(delivery.url, messageOf(delivery, clock()), signal)
      span.setAttribute('http.response.status_code', answered.status)
      return answered
    })
  } catch (error) {
    if (signal.aborted) return undefined
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function log(logger: WebhooksOptions['logger'], delivery: LeasedDelivery, outcome: DeliveryOutcome): void {
  const fields = { ...nameOf(delivery), attempt: delivery.attempts + 1 }
  if (outcome.kind === 'delivered') {
    logger.debug(fields, 'a receiver was told that a batch has ended')
  } else if (outcome.kind === 'failed') {
    const { error: reason, nextAttemptAt } = outcome
    logger.warn(
      { ...fields, reason, nextAttemptAt },
      'a receiver could not be told that a batch has ended; it is tried again',
    )
  } else {
    logger.error({ ...fields, reason: outcome.error }, 'a receiver is not told that a batch has ended')
  }
}
