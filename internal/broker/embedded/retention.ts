import { setImmediate } from 'node:timers/promises'
import type { Database } from './database.ts'
import type { Topic } from './topics.ts'

/** Deleting this many records stalls the event loop for about 10 ms. */
const maxDeleted = 500

/** PGlite has no autovacuum: after this many deletions their space is given back, in about 30 ms. */
const vacuumAfter = 5_000

export interface Retention {
  /** Deletes the records of a partition below an offset. */
  deleteBelow(topic: Topic, partition: number, offset: bigint): Promise<void>
}

/** Deletes in statements small enough that produce and consume go on between them. */
export function createRetention(database: Database): Retention {
  let deleted = 0

  return {
    async deleteBelow(topic, number, offset) {
      const partition = topic.partitions[number]
      if (partition === undefined) return
      const to = offset < partition.end ? offset : partition.end
      while (partition.first < to) {
        const next = partition.first + BigInt(maxDeleted)
        const end = next < to ? next : to
        await database.rows(deleteSql, [topic.id, number, partition.first, end])
        deleted += Number(end - partition.first)
        partition.first = end
        await setImmediate()
      }
      if (deleted < vacuumAfter) return
      deleted = 0
      await database.exec('vacuum broker.records')
    },
  }
}

const deleteSql = `
delete from broker.records where topic_id = $1 and partition = $2 and "offset" >= $3 and "offset" < $4`
