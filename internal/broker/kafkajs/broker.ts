import { KompressorError } from '../../errors/index.ts'
import type { Metrics } from '../../telemetry/index.ts'
import type { Broker, Consumer } from '../port.ts'
import { answered } from './answered.ts'
import { clientFactory, type KafkaConnection } from './client.ts'
import { createProducers } from './producers.ts'
import { type Reader, type ReaderOptions, startReader } from './reader.ts'
import { createTopics, lagOf } from './topics.ts'

export interface KafkaBrokerOptions extends KafkaConnection {
  metrics?: Metrics
  /** How long a member that says nothing keeps its partitions, milliseconds. Default 45,000, Kafka's own default. */
  sessionTimeoutMs?: number
  /**
   * How long a stop waits for what is in hand before it gives its partitions to others, milliseconds; what then still
   * runs has the rest of the grace. Default 20,000.
   */
  leaveAfterMs?: number
  /** The time, milliseconds since the epoch. Default: Date.now. */
  clock?: () => number
}

/** How long a close waits for answers, and then for connections to end, milliseconds: the cluster may be away. */
const lastAnswersMs = 5_000

/**
 * A broker on Kafka 3 or 4. Connects when it is first used.
 *
 *     const broker = createKafkaBroker({ brokers: ['kafka:9092'], clientId: 'worker-1' })
 *     await broker.ensureTopic('file-compression', { partitions: 24 })
 */
export function createKafkaBroker(options: KafkaBrokerOptions): Broker {
  const { metrics, logger, sessionTimeoutMs = 45_000, leaveAfterMs = 20_000, clock = Date.now } = options
  const makeClient = clientFactory(options)
  const topics = createTopics(makeClient, logger)
  const producers = createProducers(makeClient)
  const readers = new Set<Reader>()
  const busy = new Set<Promise<unknown>>()
  let state: 'open' | 'closing' | 'closed' = 'open'
  let closed: Promise<void> | undefined

  const closedError = () => new KompressorError('broker_unavailable', 'the broker is closed')

  /** Runs one operation of the port: refused after close, awaited by it. */
  const operation = async <T>(work: () => Promise<T>): Promise<T> => {
    if (state === 'closed') throw closedError()
    const running = work()
    busy.add(running)
    try {
      return await running
    } finally {
      busy.delete(running)
    }
  }

  const consume = (
    own: Pick<ReaderOptions, 'topic' | 'group' | 'lanes' | 'unitSize' | 'run' | 'onCrash'>,
  ): Promise<Consumer> =>
    operation(async () => {
      if (state !== 'open') throw closedError()
      const reader = await startReader({
        ...own,
        makeClient,
        topics,
        sessionTimeoutMs,
        leaveAfterMs,
        clock,
        metrics,
        logger,
      })
      readers.add(reader)
      const stop = async ({ graceMs }: { graceMs?: number } = {}): Promise<void> => {
        try {
          await reader.stop(graceMs)
        } finally {
          readers.delete(reader)
        }
      }
      if (state !== 'open') await stop({ graceMs: 0 })
      return { stop }
    })

  const close = async (): Promise<void> => {
    state = 'closing'
    // Their handlers may still produce.
    await Promise.allSettled([...readers].map((reader) => reader.stop()))
    producers.hurry()
    // What the cluster does not answer by then it need not answer any more.
    const leave = (error: unknown) => logger?.debug({ err: error }, 'closing a broker that does not answer')
    await answered(Promise.allSettled(busy), lastAnswersMs).catch(leave)
    state = 'closed'
    await answered(Promise.all([producers.close(), topics.close()]), lastAnswersMs).catch(leave)
  }

  return {
    ensureTopic: (topic, { partitions }) => operation(() => topics.ensure(topic, partitions)),

    deleteTopic: (topic) =>
      operation(async () => {
        await topics.delete(topic)
        producers.forget()
      }),

    produce: (topic, records) => operation(() => producers.send(topic, records)),

    consumeEach: ({ topic, group, concurrency, handle, onCrash }) =>
      consume({
        topic,
        group,
        lanes: concurrency,
        unitSize: 1,
        onCrash,
        run: async ({ records: [record], previousStarts, start, signal }) => {
          if (record !== undefined) {
            await handle({ record, previousStarts: previousStarts(record), start, signal })
          }
        },
      }),

    consumeBatches: ({ topic, group, maxBatch, handle, onCrash }) =>
      consume({
        topic,
        group,
        lanes: 1,
        unitSize: maxBatch,
        onCrash,
        run: ({ records, signal }) => handle(records, signal),
      }),

    lag: (group, topic) => operation(async () => (await topics.standings(group, topic)).map(lagOf)),

    deleteCommitted: (group, topic) => operation(() => topics.deleteCommitted(group, topic)),

    close() {
      closed ??= close()
      return closed
    },
  }
}
