import { crc32 } from 'node:zlib'
import { KompressorError } from '../../errors/index.ts'
import { coalesce } from '../coalesce.ts'
import type { IncomingRecord, OutgoingRecord, RecordPosition } from '../port.ts'
import type { Database } from './database.ts'
import { encodeBody } from './record.ts'
import { notify, type Topic, type Topics } from './topics.ts'

/** A statement stalls the event loop while it runs: up to 20 ms for either of these. */
const maxRecords = 500
const maxCharacters = 1 << 20

interface Pending {
  topic: Topic
  partition: number
  record: OutgoingRecord
  body: string
  /** Set when the record is durable. */
  offset: bigint
}

export interface Writer {
  /** Appends in the order given; resolves when durable. Calls made while a statement runs share the next one. */
  append(topic: Topic, records: readonly OutgoingRecord[]): Promise<RecordPosition[]>
  /** Waits for everything appended so far. */
  settled(): Promise<void>
}

export function createWriter({
  database,
  topics,
  clock,
}: {
  database: Database
  topics: Topics
  clock: () => number
}): Writer {
  let waiting: Pending[] = []

  const flush = coalesce(async () => {
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; ) {
      const batch = cut(all, from)
      await insert(batch)
      from += batch.length
      // More than one statement: let others have the connection and the event loop in between.
      if (from < all.length) await new Promise<void>((resolve) => setImmediate(resolve))
    }
  })

  const insert = async (records: readonly Pending[]): Promise<void> => {
    const batch = records.filter((record) => !record.topic.deleted)
    if (batch.length === 0) return
    const touched = new Set(batch.map((record) => record.topic))
    for (const topic of touched) if (topic.stale) await topics.refresh(topic)
    const offsets = assignOffsets(batch)
    const timestamp = clock()
    try {
      await database.rows(insertSql, [
        timestamp,
        batch.map((record) => record.topic.id),
        batch.map((record) => record.partition),
        offsets,
        batch.map((record) => record.body),
      ])
    } catch (error) {
      for (const topic of touched) topic.stale = true
      throw error
    }
    for (const [index, record] of batch.entries()) {
      record.offset = offsets[index] ?? 0n
      const partition = record.topic.partitions[record.partition]
      if (partition !== undefined) partition.end = record.offset + 1n
    }
    for (const topic of touched) {
      const own = batch.filter((pending) => pending.topic === topic)
      notify(
        topic,
        own.map((pending) => toIncoming(pending, timestamp)),
      )
    }
  }

  return {
    async append(topic, records) {
      const own = records.map((record) => {
        const partition = choosePartition(topic, record)
        return { topic, partition, record, body: encodeBody(record), offset: -1n }
      })
      if (own.length === 0) return []
      waiting = waiting.concat(own)
      await flush()
      if (topic.deleted) throw new KompressorError('broker_unavailable', `topic ${topic.name} was deleted`)
      return own.map(({ partition, offset }) => ({ partition, offset }))
    },
    settled: flush,
  }
}

/** What a reader of the log would get. */
function toIncoming({ topic, partition, offset, record }: Pending, timestamp: number): IncomingRecord {
  const { key, value, headers } = record
  return { topic: topic.name, partition, offset, key, value, headers: { ...headers }, timestamp }
}

/** As many as one statement takes, at least one. */
function cut(all: readonly Pending[], from: number): Pending[] {
  let characters = 0
  let to = from
  for (; to < all.length && to - from < maxRecords; to += 1) {
    characters += all[to]?.body.length ?? 0
    if (characters > maxCharacters && to > from) break
  }
  return all.slice(from, to)
}

function assignOffsets(batch: readonly Pending[]): bigint[] {
  const next = new Map<Topic, Map<number, bigint>>()
  return batch.map(({ topic, partition }) => {
    let ofTopic = next.get(topic)
    if (ofTopic === undefined) {
      ofTopic = new Map()
      next.set(topic, ofTopic)
    }
    const offset = ofTopic.get(partition) ?? topic.partitions[partition]?.end ?? 0n
    ofTopic.set(partition, offset + 1n)
    return offset
  })
}

function choosePartition(topic: Topic, { partition, key }: OutgoingRecord): number {
  const count = topic.partitions.length
  if (partition !== undefined) {
    if (Number.isInteger(partition) && partition >= 0 && partition < count) return partition
    throw new KompressorError('internal', `topic ${topic.name} has ${count} partitions, none is ${partition}`)
  }
  if (key !== undefined) return crc32(key) % count
  const turn = topic.turn % count
  topic.turn = turn + 1
  return turn
}

const insertSql = `
insert into broker.records (topic_id, partition, "offset", appended_at, body)
select r.topic_id, r.partition, r."offset", $1::bigint, r.body
from unnest($2::integer[], $3::integer[], $4::bigint[], $5::text[]) as r (topic_id, partition, "offset", body)`
