import { KompressorError } from '../../errors/index.ts'
import { coalesce } from '../coalesce.ts'
import type { IncomingRecord } from '../port.ts'
import { createSession, type SessionOptions } from '../session.ts'
import type { Commit } from '../tracker.ts'
import type { Database } from './database.ts'
import { type FetchRange, planFetch, takeAppended } from './fetch-plan.ts'
import { decodeRow, type RecordRow } from './record.ts'
import type { Topic } from './topics.ts'

export interface ReaderOptions extends Pick<SessionOptions, 'lanes' | 'unitSize' | 'run' | 'onCrash'> {
  database: Database
  topic: Topic
  group: string
}

export interface Reader {
  stop(graceMs?: number): Promise<void>
}

/**
 * Milliseconds: by then the next record usually begins, and its start is committed at once. No other consumer waits to
 * take over here, so only the end of the process repeats what was not committed.
 */
const commitDelayMs = 400

/**
 * One consumer of a topic: takes what is appended as it comes while it keeps up, and reads pages of the log into a
 * session's queues whenever these run low and the topic's end lies ahead. It wakes by the topic's notice alone; an idle
 * reader has no timer and runs no statement.
 */
export async function startReader(options: ReaderOptions): Promise<Reader> {
  const { database, topic, group, lanes, unitSize } = options
  const highWater = Math.max(64, 2 * lanes * unitSize)
  const cursors: bigint[] = []
  let meanBytes = 1_024
  let reading = Promise.resolve()
  /** A page is on its way; what is appended meanwhile may be on it. */
  let isReading = false
  let open = true

  const session = createSession({
    ...options,
    commit: (commits) => saveCommits(database, topic, group, commits),
    commitDelayMs,
    onRoom: () => wake(),
  })

  const states = () =>
    cursors.map((next, partition) => {
      const end = topic.partitions[partition]?.end ?? next
      return { partition, next, end, ...session.queueState(partition) }
    })

  const plan = () => planFetch(states(), { highWater, meanBytes })

  /** Reads these ranges and moves the cursors behind them. */
  const readRanges = async (ranges: readonly FetchRange[]): Promise<IncomingRecord[]> => {
    const ends = topic.partitions.map((partition) => partition.end)
    const rows = await database.rows<RecordRow>(pageSql, [
      topic.id,
      ranges.map((range) => range.partition),
      ranges.map((range) => range.from),
      ranges.map((range) => range.limit),
    ])
    const records = rows.map((row) => decodeRow(topic.name, row))
    for (const { partition, limit } of ranges) {
      const own = records.filter((record) => record.partition === partition)
      const last = own.at(-1)
      const read = last === undefined ? 0n : last.offset + 1n
      // A short page reaches the end the log had before the statement, even when records were deleted from it.
      const end = own.length < limit ? (ends[partition] ?? 0n) : 0n
      cursors[partition] = read > end ? read : end
    }
    if (rows.length > 0) meanBytes = rows.reduce((sum, row) => sum + row[3].length, 0) / rows.length
    return records
  }

  const readPage = coalesce(async () => {
    const ranges = plan()
    if (!open || ranges.length === 0) return
    let records: IncomingRecord[]
    isReading = true
    try {
      records = await readRanges(ranges)
    } finally {
      isReading = false
    }
    session.offer(records)
    // Nothing may have been taken from what was offered, when it was all known.
    wake()
  })

  const take = (appended: readonly IncomingRecord[]): void => {
    const records = takeAppended(appended, states(), highWater)
    for (const { partition, offset } of records) cursors[partition] = offset + 1n
    if (records.length > 0) session.offer(records)
  }

  const wake = (appended: readonly IncomingRecord[] = []): void => {
    if (!open) return
    if (topic.deleted) {
      session.crash(new KompressorError('broker_unavailable', `topic ${topic.name} was deleted`))
      return
    }
    for (let partition = cursors.length; partition < topic.partitions.length; partition += 1) {
      begin(partition, undefined)
    }
    if (!isReading) take(appended)
    if (plan().length > 0) {
      reading = readPage()
      reading.catch(session.crash)
    }
  }

  const begin = (partition: number, committed: Commit | undefined): void => {
    const first = topic.partitions[partition]?.first ?? 0n
    const commit = committed ?? { position: first, metadata: '' }
    session.assign(partition, commit)
    cursors[partition] = commit.position > first ? commit.position : first
  }

  const commits = await loadCommits(database, topic, group)
  for (const partition of topic.partitions.keys()) begin(partition, commits.get(partition))
  topic.listeners.add(wake)
  wake()

  return {
    async stop(graceMs) {
      open = false
      topic.listeners.delete(wake)
      try {
        await session.stop(graceMs)
      } finally {
        await Promise.allSettled([reading])
      }
    },
  }
}

/** What a group has committed, by partition. */
export async function loadCommits(
  database: Database,
  topic: Topic,
  group: string,
): Promise<Map<number, Commit>> {
  const rows = await database.rows<[partition: number, position: number | bigint, metadata: string]>(
    'select partition, position, metadata from broker.commits where topic_id = $1 and group_name = $2',
    [topic.id, group],
  )
  return new Map(
    rows.map(([partition, position, metadata]) => [partition, { position: BigInt(position), metadata }]),
  )
}

async function saveCommits(
  database: Database,
  topic: Topic,
  group: string,
  commits: ReadonlyMap<number, Commit>,
): Promise<void> {
  const values = [...commits.values()]
  await database.rows(commitSql, [
    topic.id,
    group,
    [...commits.keys()],
    values.map((commit) => commit.position),
    values.map((commit) => commit.metadata),
  ])
}

const pageSql = `
select r.partition, r."offset", r.appended_at, r.body
from unnest($2::integer[], $3::bigint[], $4::integer[]) as range (partition, first, most)
cross join lateral (
  select partition, "offset", appended_at, body from broker.records
  where topic_id = $1 and partition = range.partition and "offset" >= range.first
  order by "offset" limit range.most
) as r`

const commitSql = `
insert into broker.commits (topic_id, group_name, partition, position, metadata)
select $1, $2, c.partition, c.position, c.metadata
from unnest($3::integer[], $4::bigint[], $5::text[]) as c (partition, position, metadata)
on conflict (topic_id, group_name, partition)
do update set position = excluded.position, metadata = excluded.metadata`
