import { KompressorError } from '../../errors/index.ts'
import type { IncomingRecord } from '../port.ts'
import type { Database } from './database.ts'

/** A topic as the running broker knows it. The ends are the authority for new offsets: only this process appends. */
export interface Topic {
  readonly id: number
  readonly name: string
  readonly partitions: TopicPartition[]
  /** Which partition is next for a record that names none. */
  turn: number
  deleted: boolean
  /** A write failed, so the ends may not be what the database holds. */
  stale: boolean
  /**
   * Called when records or partitions were added, or the topic was deleted. With the records, durable by then and
   * ascending inside each partition: who has read as far as that need not read them from the database.
   */
  readonly listeners: Set<(appended: readonly IncomingRecord[]) => void>
}

export interface TopicPartition {
  /** The lowest offset that has a record, or `end`. */
  first: bigint
  /** The offset the next record gets. */
  end: bigint
}

export interface Topics {
  /** The topic; `broker_unavailable` when there is none. */
  open(name: string): Promise<Topic>
  find(name: string): Promise<Topic | undefined>
  /** Creates the topic or grows it. */
  ensure(name: string, partitions: number): Promise<void>
  /** Frees the name. The records are still there, and `unnamed` lists the topic until `forget`. */
  unname(topic: Topic): Promise<void>
  /** Topics without a name: a deletion that did not come to its end. */
  unnamed(): Promise<Topic[]>
  /** Removes the last trace of a topic whose records are gone. */
  forget(topic: Topic): Promise<void>
  /** Reads the ends anew. */
  refresh(topic: Topic): Promise<void>
}

export function createTopics(database: Database): Topics {
  const opened = new Map<string, Promise<Topic | undefined>>()

  const ends = async (id: number, partitions: number): Promise<TopicPartition[]> => {
    const rows = await database.rows<
      [first: bigint | number, last: bigint | number, position: bigint | number]
    >(endsSql, [id, partitions])
    return rows.map(([firstOffset, next, position]) => {
      const end = BigInt(next > position ? next : position)
      return { first: BigInt(firstOffset) < 0n ? end : BigInt(firstOffset), end }
    })
  }

  const load = async (name: string): Promise<Topic | undefined> => {
    const [row] = await database.rows<[id: number, partitions: number]>(
      'select id, partitions from broker.topics where name = $1',
      [name],
    )
    return row === undefined ? undefined : build(row[0], name, await ends(row[0], row[1]))
  }

  const find = async (name: string): Promise<Topic | undefined> => {
    let topic = opened.get(name)
    if (topic === undefined) {
      topic = load(name)
      opened.set(name, topic)
      topic.then(
        (found) => found ?? opened.delete(name),
        () => opened.delete(name),
      )
    }
    return topic
  }

  return {
    find,
    async open(name) {
      const topic = await find(name)
      if (topic === undefined) throw new KompressorError('broker_unavailable', `topic ${name} does not exist`)
      return topic
    },
    async ensure(name, partitions) {
      const [row] = await database.rows<[partitions: number]>(ensureSql, [name, partitions])
      const topic = await find(name)
      if (topic === undefined || row === undefined) return
      while (topic.partitions.length < row[0]) topic.partitions.push({ first: 0n, end: 0n })
      notify(topic)
    },
    async unname(topic) {
      await database.rows('update broker.topics set name = null where id = $1', [topic.id])
      topic.deleted = true
      opened.delete(topic.name)
      notify(topic)
    },
    async unnamed() {
      const rows = await database.rows<[id: number, partitions: number]>(
        'select id, partitions from broker.topics where name is null',
      )
      return Promise.all(rows.map(async ([id, partitions]) => build(id, '', await ends(id, partitions))))
    },
    async forget(topic) {
      await database.rows('delete from broker.commits where topic_id = $1', [topic.id])
      await database.rows('delete from broker.topics where id = $1', [topic.id])
    },
    async refresh(topic) {
      const fresh = await ends(topic.id, topic.partitions.length)
      for (const [number, partition] of topic.partitions.entries()) Object.assign(partition, fresh[number])
      topic.stale = false
    },
  }
}

/** Tells the topic's consumers to look, and what was added. */
export function notify(topic: Topic, appended: readonly IncomingRecord[] = []): void {
  for (const listener of topic.listeners) listener(appended)
}

function build(id: number, name: string, partitions: TopicPartition[]): Topic {
  return { id, name, partitions, turn: 0, deleted: false, stale: false, listeners: new Set() }
}

const ensureSql = `
insert into broker.topics (name, partitions) values ($1, $2)
on conflict (name) do update set partitions = greatest(topics.partitions, excluded.partitions)
returning partitions`

/** Two probes of the primary key a partition, whatever the length of the log. */
const endsSql = `
select
  coalesce((select "offset" from broker.records r
    where r.topic_id = $1 and r.partition = p.number order by "offset" limit 1), -1),
  coalesce((select "offset" + 1 from broker.records r
    where r.topic_id = $1 and r.partition = p.number order by "offset" desc limit 1), 0),
  coalesce((select max(position) from broker.commits c where c.topic_id = $1 and c.partition = p.number), 0)
from generate_series(0, $2::integer - 1) as p (number)
order by p.number`
