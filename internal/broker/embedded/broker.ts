import type { PGlite } from '@electric-sql/pglite'
import { KompressorError } from '../../errors/index.ts'
import { countDoneAhead } from '../commit-metadata.ts'
import type { Broker, Consumer } from '../port.ts'
import { createDatabase } from './database.ts'
import { loadCommits, type ReaderOptions, startReader } from './reader.ts'
import { createRetention } from './retention.ts'
import { schema } from './schema.ts'
import { createTopics, type Topic } from './topics.ts'
import { createWriter } from './writer.ts'

export interface EmbeddedBrokerOptions {
  /**
   * The database, shared with the application. It has one connection: while the application holds it in a transaction
   * the broker waits, so a transaction must not wait for the broker. How durable records are is the database's matter.
   * Only one broker may use it at a time. It is not closed with the broker.
   */
  db: PGlite
  /** The time for records' timestamps, milliseconds since the epoch. Default: Date.now. */
  clock?: () => number
}

/**
 * A broker inside this process, on PGlite: durable, ordered, at-least-once, for one consumer a group and topic.
 *
 *     const broker = await createEmbeddedBroker({ db })
 *     await broker.ensureTopic('file-compression', { partitions: 4 })
 */
export async function createEmbeddedBroker({ db, clock = Date.now }: EmbeddedBrokerOptions): Promise<Broker> {
  const database = createDatabase(db)
  const topics = createTopics(database)
  const writer = createWriter({ database, topics, clock })
  const retention = createRetention(database)
  /** By group and topic; undefined while it starts. */
  const consumers = new Map<string, Consumer | undefined>()
  const busy = new Set<Promise<unknown>>()
  let state: 'open' | 'closing' | 'closed' = 'open'
  let closed: Promise<void> | undefined

  await database.exec(schema)

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

  const deleteRecords = async (topic: Topic): Promise<void> => {
    for (const [number, partition] of topic.partitions.entries()) {
      await retention.deleteBelow(topic, number, partition.end)
    }
    await topics.forget(topic)
  }

  for (const topic of await topics.unnamed()) await deleteRecords(topic)

  const consume = (
    name: string,
    group: string,
    options: Pick<ReaderOptions, 'lanes' | 'unitSize' | 'run' | 'onCrash'>,
  ): Promise<Consumer> =>
    operation(async () => {
      const membership = JSON.stringify([group, name])
      if (consumers.has(membership)) {
        throw new KompressorError(
          'internal',
          `group ${group} has a consumer of topic ${name} already; stop it before another one starts`,
        )
      }
      consumers.set(membership, undefined)
      const leave = (consumer: Consumer | undefined): void => {
        // A stop may be repeated when another consumer is here already.
        if (consumers.get(membership) === consumer) consumers.delete(membership)
      }
      try {
        const topic = await topics.open(name)
        if (state !== 'open') throw closedError()
        const reader = await startReader({ database, group, topic, ...options })
        const consumer: Consumer = {
          stop: ({ graceMs } = {}) => reader.stop(graceMs).finally(() => leave(consumer)),
        }
        consumers.set(membership, consumer)
        if (state !== 'open') await consumer.stop({ graceMs: 0 })
        return consumer
      } catch (error) {
        leave(undefined)
        throw error
      }
    })

  return {
    ensureTopic: (name, { partitions }) => operation(() => topics.ensure(name, partitions)),

    deleteTopic: (name) =>
      operation(async () => {
        const topic = await topics.find(name)
        if (topic === undefined) return
        await topics.unname(topic)
        await writer.settled()
        await deleteRecords(topic)
      }),

    produce: (name, records) => operation(async () => writer.append(await topics.open(name), records)),

    consumeEach: ({ topic, group, concurrency, handle, onCrash }) =>
      consume(topic, group, {
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
      consume(topic, group, {
        lanes: 1,
        unitSize: maxBatch,
        onCrash,
        run: ({ records, signal }) => handle(records, signal),
      }),

    lag: (group, name) =>
      operation(async () => {
        const topic = await topics.open(name)
        const commits = await loadCommits(database, topic, group)
        return topic.partitions.map(({ first, end }, partition) => {
          const commit = commits.get(partition) ?? { position: first, metadata: '' }
          const doneAhead = countDoneAhead(commit.position, commit.metadata)
          const committed = commit.position
          return { partition, end, committed, doneAhead, lag: Number(end - committed) - doneAhead }
        })
      }),

    deleteCommitted: (group, name) =>
      operation(async () => {
        const topic = await topics.open(name)
        for (const [partition, { position }] of await loadCommits(database, topic, group)) {
          await retention.deleteBelow(topic, partition, position)
        }
      }),

    close() {
      closed ??= (async () => {
        // What is in hand may still produce while its consumer stops.
        state = 'closing'
        const stops = await Promise.allSettled([...consumers.values()].map((consumer) => consumer?.stop()))
        state = 'closed'
        await Promise.allSettled([...busy])
        const failed = stops.find((stop) => stop.status === 'rejected')
        if (failed !== undefined) throw failed.reason
      })()
      return closed
    },
  }
}
