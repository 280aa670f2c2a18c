import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Admin, type ITopicMetadata } from 'kafkajs'
import { KompressorError } from '../../errors/index.ts'
import { deadLetterTopic } from '../../messages/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { countDoneAhead } from '../commit-metadata.ts'
import type { PartitionLag } from '../port.ts'
import type { Commit } from '../tracker.ts'
import { answered, connected } from './answered.ts'
import type { MakeClient } from './client.ts'
import { isPassing, isRefused, isType, isUnknownTopic, unavailable } from './errors.ts'
import { sayGoodbye } from './goodbye.ts'

/** How long a change of a topic may take to show, milliseconds. */
const settleMs = 30_000
/** How often something is asked again while the broker is away. */
const attempts = 4

/** Where a group is in one partition, and what the log holds. */
export interface Standing {
  partition: number
  low: bigint
  end: bigint
  commit: Commit
}

export interface Topics {
  ensure(topic: string, partitions: number): Promise<void>
  delete(topic: string): Promise<void>
  exists(topic: string): Promise<boolean>
  /** Every partition of the topic, ascending. */
  standings(group: string, topic: string): Promise<Standing[]>
  deleteCommitted(group: string, topic: string): Promise<void>
  close(): Promise<void>
}

/** What is asked of the cluster as a whole. As a guest, who may neither create nor delete, it makes do with what is there. */
export function createTopics(makeClient: MakeClient, logger: Logger | undefined): Topics {
  let current: Promise<Admin> | undefined
  const said = new Set<string>()

  const connect = (): Promise<Admin> => connected(makeClient({ retries: 1, initialRetryTime: 100 }).admin())

  const drop = async (used: Promise<Admin>): Promise<void> => {
    if (current === used) current = undefined
    await sayGoodbye(await used)
  }

  /**
   * Like producers, an admin client asks for the metadata of every topic it was ever used on and fails when one is gone;
   * and it does not always find back to a broker that was away. A new one does.
   */
  const ask = async <T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      const used = current ?? connect()
      current = used
      try {
        return await answered(question(await used))
      } catch (error) {
        if (error instanceof KompressorError) throw error
        // Whether it disconnects in good order makes no difference to the answer.
        await drop(used).catch(() => undefined)
        if (attempt === attempts || !isPassing(error)) throw unavailable(error, what)
        if (!isUnknownTopic(error)) await delay(200 * 2 ** attempt)
        else if (attempt > 1) throw unavailable(error, what)
      }
    }
  }

  /** What a guest may not do is said once, not every minute. */
  const mention = (text: string): void => {
    if (said.has(text)) return
    said.add(text)
    logger?.warn(text)
  }

  /** A guest who may not look at a topic cannot tell it from one that is not there; nor can we. */
  const describe = (admin: Admin, topic: string): Promise<ITopicMetadata | undefined> =>
    admin.fetchTopicMetadata({ topics: [topic] }).then(
      ({ topics }) => topics.find(({ name }) => name === topic),
      (error) => {
        if (isUnknownTopic(error) || isRefused(error)) return undefined
        // kafkajs keeps to itself that the connection failed, and stumbles over the answer it did not get.
        throw error instanceof TypeError ? new kafkajs.KafkaJSError(error, { retriable: true }) : error
      },
    )

  /** Whether the topic has so many partitions, and their leaders have begun to serve them: metadata alone runs ahead. */
  const serves = async (admin: Admin, topic: string, partitions: number): Promise<boolean> => {
    const found = await describe(admin, topic)
    if (partitions === 0) return found === undefined
    const led = found?.partitions.filter(({ leader }) => leader >= 0).length ?? 0
    return led >= partitions && (await admin.fetchTopicOffsets(topic)).length >= partitions
  }

  /** Waits until a change shows. A record sent before might be refused by one partition and repeated to all. */
  const settled = async (topic: string, partitions: number): Promise<void> => {
    const deadline = performance.now() + settleMs
    for (;;) {
      const done = await ask(`topic ${topic} cannot be described`, (admin) =>
        serves(admin, topic, partitions).catch((error) => {
          if (isPassing(error)) return false
          throw error
        }),
      )
      if (done) return
      if (performance.now() > deadline) {
        throw new KompressorError(
          'broker_unavailable',
          `topic ${topic} is not settled after ${settleMs / 1_000} s`,
        )
      }
      await delay(20)
    }
  }

  const create = async (topic: string, partitions: number): Promise<void> => {
    const keep = [
      { name: 'retention.ms', value: '-1' },
      { name: 'retention.bytes', value: '-1' },
      { name: 'cleanup.policy', value: 'delete' },
    ]
    await ask(`topic ${topic} cannot be created`, async (admin) => {
      try {
        await admin.createTopics({
          waitForLeaders: false,
          topics: [
            {
              topic,
              numPartitions: partitions,
              // The cluster's default.
              replicationFactor: -1,
              // Work waits as long as it takes. Dead letters are for reading, as long as the cluster keeps such things.
              configEntries: topic === deadLetterTopic ? [] : keep,
            },
          ],
        })
      } catch (error) {
        if (!isRefused(error)) throw error
        throw new KompressorError(
          'broker_unavailable',
          `topic ${topic} does not exist or is hidden from this user, who may not create it: create it with ${partitions} partitions`,
          { cause: error },
        )
      }
    })
    await settled(topic, partitions)
  }

  const grow = async (topic: string, from: number, to: number): Promise<void> => {
    const grown = await ask(`topic ${topic} cannot be given more partitions`, async (admin) => {
      try {
        await admin.createPartitions({ topicPartitions: [{ topic, count: to }] })
        return true
      } catch (error) {
        // Somebody else has done it in between.
        if (isType(error, 'INVALID_PARTITIONS')) return true
        if (!isRefused(error)) throw error
        mention(`topic ${topic} has ${from} partitions; ${to} are wanted, and this user may not add any`)
        return false
      }
    })
    if (grown) await settled(topic, to)
  }

  const standings = (group: string, topic: string): Promise<Standing[]> =>
    ask(`topic ${topic} cannot be read`, async (admin) => {
      // Commits first: read the other way round, a commit might lie beyond the end.
      const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
      const offsets = await admin.fetchTopicOffsets(topic)
      const commits = new Map(committed?.partitions.map((own) => [own.partition, own]))
      return offsets
        .map(({ partition, low, high }) => {
          const own = commits.get(partition)
          return standing(partition, BigInt(low), BigInt(high), own?.offset ?? '-1', own?.metadata ?? '')
        })
        .toSorted((a, b) => a.partition - b.partition)
    })

  return {
    standings,
    async ensure(topic, partitions) {
      const found = await ask(`topic ${topic} cannot be described`, (admin) => describe(admin, topic))
      if (found === undefined) await create(topic, partitions)
      const count = found?.partitions.length ?? partitions
      if (count < partitions) await grow(topic, count, partitions)
    },
    exists: (topic) =>
      ask(
        `topic ${topic} cannot be described`,
        async (admin) => (await describe(admin, topic)) !== undefined,
      ),
    async delete(topic) {
      await ask(`topic ${topic} cannot be deleted`, async (admin) => {
        if ((await describe(admin, topic)) === undefined) return
        try {
          await admin.deleteTopics({ topics: [topic] })
        } catch (error) {
          if (isRefused(error)) mention(`topic ${topic} is no longer needed, and this user may not delete it`)
          else if (!isUnknownTopic(error)) throw error
        }
      })
      if (!said.has(`topic ${topic} is no longer needed, and this user may not delete it`))
        await settled(topic, 0)
    },
    async deleteCommitted(group, topic) {
      const partitions = (await standings(group, topic))
        .filter(({ low, commit }) => commit.position > low)
        .map(({ partition, commit }) => ({ partition, offset: String(commit.position) }))
      if (partitions.length === 0) return
      await ask(`records of topic ${topic} cannot be deleted`, async (admin) => {
        // Loads what deleteTopicRecords looks up in memory before it asks.
        await admin.fetchTopicOffsets(topic)
        try {
          await admin.deleteTopicRecords({ topic, partitions })
        } catch (error) {
          if (!isRefused(error)) throw error
          mention(`this user may not delete records of topic ${topic}: its own retention has to`)
        }
      })
    },
    async close() {
      if (current !== undefined) await drop(current).catch(() => undefined)
    },
  }
}

export function lagOf({ partition, end, commit }: Standing): PartitionLag {
  const doneAhead = countDoneAhead(commit.position, commit.metadata)
  return {
    partition,
    end,
    committed: commit.position,
    doneAhead,
    lag: Number(end - commit.position) - doneAhead,
  }
}

/**
 * A commit outside the log is none: negative offsets stand for no commit, one beyond the end is from a topic of the same
 * name that was deleted, or from records an unclean failover lost. Below the log's beginning everything was done.
 */
function standing(partition: number, low: bigint, end: bigint, offset: string, metadata: string): Standing {
  const position = BigInt(offset)
  const commit = position < low || position > end ? { position: low, metadata: '' } : { position, metadata }
  return { partition, low, end, commit }
}
