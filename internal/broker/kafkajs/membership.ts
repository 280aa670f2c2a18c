import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Consumer, type EachBatchPayload, type Offsets } from 'kafkajs'
import type { Logger } from '../../telemetry/index.ts'
import { answered, connected } from './answered.ts'
import { stickyAssigner } from './assigner.ts'
import type { MakeClient } from './client.ts'
import { sayGoodbye } from './goodbye.ts'

/** How long a fetch waits for records, and how long a member with everything paused looks away, milliseconds. */
const maxWaitMs = 500
/** New partitions show within this, milliseconds. */
const metadataMaxAgeMs = 30_000
/** How long a join may wait for members that are busy handing over; then they are left out. */
const rebalanceTimeoutMs = 60_000
/** How long one that leaves waits for its own join to end, milliseconds. */
const joinMs = 5_000

export interface MembershipOptions {
  makeClient: MakeClient
  topic: string
  group: string
  sessionTimeoutMs: number
  clock: () => number
  logger: Logger | undefined
  /** The partitions held at this moment. */
  held: () => readonly number[]
  /** The group has a new generation, in which this member has these partitions; the log is read from their commits. */
  onJoin: (partitions: readonly number[]) => void
  /** Records were read. Must return soon: the member says nothing to the group meanwhile. */
  onBatch: (payload: EachBatchPayload) => Promise<void>
  /** It is out of the group and does not come back by itself. */
  onEnd: (error: Error) => void
}

/** One stay in the group, from connecting until something ends it. */
export interface Membership {
  pause(partition: number): void
  resume(partition: number): void
  /** Commits as this member, once: the group may refuse. */
  commit(offsets: Offsets): Promise<void>
  /** Resolves when the group has, or at least was told to have, one member less. Repeatable. */
  leave(): Promise<void>
}

/** Connects and subscribes; joining goes on behind. Rejects when there is no cluster, or no such topic. */
export async function joinGroup(options: MembershipOptions): Promise<Membership> {
  const { makeClient, topic, group, sessionTimeoutMs, clock, logger, held, onJoin, onBatch, onEnd } = options
  const client = makeClient({ initialRetryTime: 200, maxRetryTime: 3_000, retries: 6 })
  let since = 0
  let commitNow: EachBatchPayload['commitOffsetsIfNecessary'] | undefined
  let left: Promise<void> | undefined

  const consumer: Consumer = client.consumer({
    groupId: group,
    partitionAssigners: [stickyAssigner(() => ({ partitions: held(), since }))],
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.min(3_000, Math.floor(sessionTimeoutMs / 3)),
    rebalanceTimeout: rebalanceTimeoutMs,
    maxWaitTimeInMs: maxWaitMs,
    metadataMaxAge: metadataMaxAgeMs,
    allowAutoTopicCreation: false,
    // A member that fails is replaced by a new one; kafkajs's own way back does not always come to its end (kafkajs#1630).
    retry: { restartOnFailure: async () => false },
  })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    since = clock()
    onJoin(payload.memberAssignment[topic] ?? [])
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (left === undefined) onEnd(payload.error)
  })

  const disconnect = async (): Promise<void> => {
    try {
      await sayGoodbye(consumer)
    } catch (error) {
      // It is gone all the same: the group finds out by its silence.
      logger?.debug({ err: error, topic, group }, 'a consumer did not disconnect in good order')
    }
  }

  await connected(consumer)
  try {
    await answered(consumer.subscribe({ topics: [topic], fromBeginning: true }))
  } catch (error) {
    await disconnect()
    throw error
  }
  const running = consumer.run({
    autoCommit: false,
    eachBatch: async (payload) => {
      commitNow = payload.commitOffsetsIfNecessary
      await onBatch(payload)
    },
  })
  running.catch(onEnd)

  const leave = async (): Promise<void> => {
    // One that leaves while it joins would be a member nobody knows, for as long as its session lasts.
    await Promise.race([Promise.allSettled([running]), delay(joinMs, undefined, { ref: false })])
    await disconnect()
  }

  return {
    pause(partition) {
      if (left === undefined) consumer.pause([{ topic, partitions: [partition] }])
    },
    resume(partition) {
      if (left === undefined) consumer.resume([{ topic, partitions: [partition] }])
    },
    commit: async (offsets) => {
      // Not consumer.commitOffsets: it repeats what failed, also after a rebalance, for partitions others have by then;
      // and after a stop it does nothing and says nothing.
      if (commitNow === undefined) {
        throw new kafkajs.KafkaJSError('this member has not read anything yet', { retriable: true })
      }
      await answered(commitNow(offsets))
    },
    leave() {
      left ??= leave()
      return left
    },
  }
}
