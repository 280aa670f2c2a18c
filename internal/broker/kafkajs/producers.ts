import { setTimeout as delay } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import kafkajs, { type Message, type PartitionMetadata, type Producer } from 'kafkajs'
import { KompressorError } from '../../errors/index.ts'
import { deadLetterTopic, reportTopic } from '../../messages/index.ts'
import type { OutgoingRecord, RecordPosition } from '../port.ts'
import { answered, connected } from './answered.ts'
import type { MakeClient } from './client.ts'
import { isPassing, isUnknownTopic, unavailable } from './errors.ts'
import { sayGoodbye } from './goodbye.ts'
import { outgoing } from './records.ts'

/** Below this many bytes a batch is sent as it is: zstd would save less than it costs. */
const compressAbove = 1_024
/** A broker that restarts is waited for: who sends holds results that would have to be made again. Milliseconds. */
const patienceMs = 60_000
const againMs = 500

export interface Producers {
  send(topic: string, records: readonly OutgoingRecord[]): Promise<RecordPosition[]>
  /** A topic of a job was deleted: knowing it would do harm. */
  forget(): void
  /** Waits for brokers that are away no longer. */
  hurry(): void
  close(): Promise<void>
}

interface Slot {
  producer: Promise<Producer>
  sending: number
  retired: boolean
}

/**
 * kafkajs asks for the metadata of every topic a producer ever wrote to, in one request that fails when one of them is
 * gone. So the topics that always are there have a producer of their own, which jobs that come and go cannot harm; and
 * the producer for jobs' topics is replaced when it stumbles over one that is gone.
 */
export function createProducers(makeClient: MakeClient): Producers {
  const slots = new Map<'fixed' | 'jobs', Slot>()
  /** Whose turn it is, by topic, for records that name neither key nor partition. */
  const turns = new Map<string, number>()
  const closing = new AbortController()

  const connect = (): Promise<Producer> => {
    // Few and quick repetitions inside kafkajs: an unknown topic counts as passing there, and must not take seconds.
    const client = makeClient({ retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 })
    const producer = client.producer({
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ topic, partitionMetadata, message }) =>
          choosePartition(turns, topic, partitionMetadata, message),
    })
    return connected(producer)
  }

  const slotOf = (topic: string): Slot => {
    const kind = topic === reportTopic || topic === deadLetterTopic ? 'fixed' : 'jobs'
    const known = slots.get(kind)
    if (known !== undefined && !known.retired) return known
    const slot: Slot = { producer: connect(), sending: 0, retired: false }
    // One that cannot connect is nobody's any more.
    slot.producer.catch(() => {
      slot.retired = true
    })
    slots.set(kind, slot)
    return slot
  }

  const disconnectIdle = async (slot: Slot): Promise<void> => {
    if (slot.retired && slot.sending === 0) await sayGoodbye(await slot.producer)
  }

  const retire = (slot: Slot): void => {
    slot.retired = true
    // Nothing depends on its end; what it could not finish was thrown to the sender.
    disconnectIdle(slot).catch(() => undefined)
  }

  const sendOnce = async (
    slot: Slot,
    topic: string,
    records: readonly OutgoingRecord[],
  ): Promise<RecordPosition[]> => {
    slot.sending += 1
    try {
      const producer = await slot.producer
      const messages = records.map(outgoing)
      const bytes = records.reduce((sum, { value }) => sum + value.length, 0)
      const { ZSTD, None } = kafkajs.CompressionTypes
      const compression = bytes > compressAbove ? ZSTD : None
      const acknowledged = await answered(producer.send({ topic, messages, acks: -1, compression }))
      const next = new Map(acknowledged.map(({ partition, baseOffset }) => [partition, baseOffset]))
      return messages.map(({ partition = -1 }) => {
        const base = next.get(partition)
        if (base === undefined) throw new Error(`partition ${partition} was not acknowledged`)
        const offset = BigInt(base)
        next.set(partition, String(offset + 1n))
        return { partition, offset }
      })
    } finally {
      slot.sending -= 1
      if (slot.retired) retire(slot)
    }
  }

  return {
    async send(topic, records) {
      if (records.length === 0) return []
      const deadline = performance.now() + patienceMs
      for (let attempt = 1; ; attempt += 1) {
        const slot = slotOf(topic)
        try {
          return await sendOnce(slot, topic, records)
        } catch (error) {
          const stale = isUnknownTopic(error) || error instanceof NoSuchPartition
          // Perhaps this topic, perhaps another one this producer has written to: a new one knows of this alone.
          if (stale) retire(slot)
          const again = stale ? attempt === 1 : isPassing(error) && performance.now() < deadline
          if (!again || closing.signal.aborted) throw failure(topic, error)
          if (!stale) await delay(againMs, undefined, { signal: closing.signal }).catch(() => undefined)
        }
      }
    },
    forget() {
      const slot = slots.get('jobs')
      if (slot !== undefined) retire(slot)
    },
    hurry() {
      closing.abort()
    },
    async close() {
      await Promise.allSettled([...slots.values()].map(async (slot) => sayGoodbye(await slot.producer)))
    },
  }
}

/** TypeError, because kafkajs repeats whatever else a partitioner throws. */
class NoSuchPartition extends TypeError {}

/** Also writes the choice into the message, so that its position can be told afterwards. */
function choosePartition(
  turns: Map<string, number>,
  topic: string,
  partitions: readonly PartitionMetadata[],
  message: Message,
): number {
  const count = partitions.length
  if (message.partition === undefined) {
    const { key } = message
    const turn = key === undefined || key === null ? (turns.get(topic) ?? 0) : crc32(key)
    if (key === undefined || key === null) turns.set(topic, turn + 1)
    message.partition = turn % count
  } else if (!partitions.some(({ partitionId }) => partitionId === message.partition)) {
    // kafkajs would drop the record without a word.
    throw new NoSuchPartition(`topic ${topic} has ${count} partitions, none is ${message.partition}`)
  }
  return message.partition
}

function failure(topic: string, error: unknown): KompressorError {
  if (isUnknownTopic(error)) {
    return new KompressorError('broker_unavailable', `topic ${topic} does not exist`, { cause: error })
  }
  if (error instanceof NoSuchPartition)
    return new KompressorError('internal', error.message, { cause: error })
  return unavailable(error, `nothing can be written to topic ${topic}`)
}
