import { KompressorError } from '../errors/index.ts'
import { coalesce } from './coalesce.ts'
import type { IncomingRecord } from './port.ts'
import { type Commit, createTracker, type OffsetTracker } from './tracker.ts'

/** Within the default termination grace of a pod (30 s). */
export const defaultGraceMs = 25_000

/** How long handlers may take to notice their aborted signal before they are left behind, milliseconds. */
const abortMs = 1_000

/** See SessionOptions.commitDelayMs. */
const defaultCommitDelayMs = 100

/** Records handed over together, and what their handler may do. */
export interface Unit {
  /** At least one; ascending inside each partition. */
  records: readonly IncomingRecord[]
  signal: AbortSignal
  /** How often a record was started before without becoming done. */
  previousStarts(record: IncomingRecord): number
  /** Journals durably that work on these records begins. Counts once, however often it is called. */
  start(): Promise<void>
}

export interface SessionOptions {
  /** Units at the same time. */
  lanes: number
  /** Most records in one unit. */
  unitSize: number
  /** Resolving marks the unit's records done; a throw is a crash, unless the unit was aborted before. */
  run: (unit: Unit) => Promise<void>
  /** Makes commits durable; called with one commit a partition, never twice at the same time. */
  commit: (commits: ReadonlyMap<number, Commit>) => Promise<void>
  /**
   * How long what is done may wait to be committed together with other news, milliseconds: until then a crash repeats
   * it. Default 100.
   */
  commitDelayMs?: number
  /** Records have left the queues: time to read on. */
  onRoom: () => void
  onCrash: (error: Error) => void
  /**
   * Gives the partitions back to the group, after the last commit of a stop. When that waits longer than `afterMs` for
   * what is in hand, the partitions go without it: the next consumer begins while the rest uses up its grace. Without
   * this option the session waits the whole grace before its last commit.
   */
  leave?: { afterMs: number; run: () => Promise<void> }
}

/** What the queue of one partition looks like to whoever fills it. */
export interface QueueState {
  queued: number
  /** Nothing is handed out at the moment, because the done-ahead state might not fit the commit. */
  blocked: boolean
}

interface InHand {
  records: readonly IncomingRecord[]
  from: readonly Partition[]
  started: boolean
  ended: Promise<void>
}

interface Partition {
  tracker: OffsetTracker
  queue: IncomingRecord[]
  /** Units in hand that hold records of this partition. */
  inHand: number
}

/**
 * What is the same in every adapter's consumer: queues a partition, handing out in turns, done and started records,
 * commits, the end. The adapter reads records from its log and offers them; the session decides what runs and commits.
 *
 *     running --stop--> stopped        takes nothing more, waits, aborts, commits, leaves
 *        └--crash--> crashed --stop--> stopped
 *
 * At most one commit is under way; completions and starts in the meantime share the next one. A start is committed at
 * once, a completion with the next start or a little later.
 */
export interface Session {
  /** Adds a partition where its group left off. */
  assign(partition: number, committed: Commit): void
  /**
   * The partition went to another consumer: nothing of it is handed out or committed any more, and what is in hand of it
   * alone is aborted, which is no crash.
   */
  revoke(partition: number): void
  /** Queues records, ascending inside each partition; known ones are skipped. */
  offer(records: readonly IncomingRecord[]): void
  queueState(partition: number): QueueState
  /** Ends the session from outside (the log cannot be read). Only the first crash of a running session counts. */
  crash(error: Error): void
  /**
   * Takes no more, waits up to `graceMs` for what is in hand, aborts the rest, commits what is done. A further call may
   * only shorten the wait. Rejects when the last commit fails.
   */
  stop(graceMs?: number): Promise<void>
}

export function createSession(options: SessionOptions): Session {
  const {
    lanes,
    unitSize,
    run,
    commit,
    commitDelayMs = defaultCommitDelayMs,
    onRoom,
    onCrash,
    leave,
  } = options
  const partitions = new Map<number, Partition>()
  const inHand = new Map<AbortController, InHand>()
  const dirty = new Set<number>()
  let state: 'running' | 'crashed' | 'stopping' | 'stopped' = 'running'
  let turn = 0
  let stopped: Promise<void> | undefined
  const leaving = Promise.withResolvers<void>()
  let committing: NodeJS.Timeout | undefined
  const leftBehind = Promise.withResolvers<void>()

  const flush = coalesce(async () => {
    const commits = new Map<number, Commit>()
    for (const number of dirty) {
      const partition = partitions.get(number)
      if (partition !== undefined) commits.set(number, partition.tracker.commit())
    }
    if (commits.size === 0) return
    dirty.clear()
    try {
      await commit(commits)
    } catch (error) {
      for (const number of commits.keys()) dirty.add(number)
      throw error
    }
  })

  const crash = (error: Error): void => {
    if (state !== 'running') return
    state = 'crashed'
    onCrash(error)
  }

  const crashOn = (error: unknown): void => crash(error instanceof Error ? error : new Error(String(error)))

  /** Notes what became of records, for the next commit. */
  const note = (records: readonly IncomingRecord[], what: 'start' | 'done' | 'giveBack'): void => {
    for (const record of records) {
      partitions.get(record.partition)?.tracker[what](record.offset)
      dirty.add(record.partition)
    }
  }

  /** Writes down that records were started; resolves when that is durable. */
  const start = async (records: readonly IncomingRecord[]): Promise<void> => {
    if (state === 'stopped') throw new KompressorError('shutting_down', 'the consumer has stopped')
    note(records, 'start')
    await flush()
  }

  /** Commits soon, unless a start or the stop does so sooner. */
  const commitSoon = (): void => {
    committing ??= setTimeout(() => {
      committing = undefined
      flush().catch(crashOn)
    }, commitDelayMs)
  }

  /** The next records to hand out, from each partition in turn; the partitions they come from. */
  const take = (): { records: IncomingRecord[]; from: Partition[] } => {
    const records: IncomingRecord[] = []
    const from: Partition[] = []
    const all = [...partitions.values()]
    for (let i = 0; i < all.length && records.length < unitSize; i += 1) {
      const partition = all[(turn + i) % all.length]
      if (partition === undefined || partition.queue.length === 0 || isBlocked(partition)) continue
      records.push(...partition.queue.splice(0, unitSize - records.length))
      from.push(partition)
      if (records.length === unitSize) turn = (turn + i + 1) % all.length
    }
    return { records, from }
  }

  const isOwned = (partition: Partition): boolean => [...partitions.values()].includes(partition)

  const work = async (self: InHand, abort: AbortController): Promise<void> => {
    const { records, from } = self
    let started: Promise<void> | undefined
    const unit: Unit = {
      records,
      signal: abort.signal,
      previousStarts: (record) => partitions.get(record.partition)?.tracker.starts(record.offset) ?? 0,
      start: () => {
        // Handed over before it began: the next consumer begins it, and a failure here would be one of the record.
        if (started === undefined && state === 'stopped') abort.abort(new Error('the consumer has stopped'))
        self.started = true
        started ??= start(records)
        return started
      },
    }
    try {
      await run(unit)
      // Left behind by stop: whatever it did, its records are with the next consumer by now.
      if (state !== 'stopped') {
        note(records, 'done')
        commitSoon()
      }
    } catch (error) {
      // The stop interrupted them, not themselves. Written down by the last commit.
      if (abort.signal.aborted && self.started) note(records, 'giveBack')
      // A handler that gave up because it was aborted does so while the session stops, when there is no crash any more,
      // or because its partitions are gone.
      if (!abort.signal.aborted || from.some(isOwned)) crashOn(error)
    } finally {
      for (const partition of from) partition.inHand -= 1
      inHand.delete(abort)
    }
    pump()
  }

  const pump = (): void => {
    let taken = false
    while (state === 'running' && inHand.size < lanes) {
      const { records, from } = take()
      if (records.length === 0) break
      taken = true
      for (const partition of from) partition.inHand += 1
      const abort = new AbortController()
      const unit: InHand = { records, from, started: false, ended: Promise.resolve() }
      inHand.set(abort, unit)
      // In a later microtask, so that the unit is in hand before its handler runs.
      unit.ended = unit.ended.then(() => work(unit, abort))
    }
    if (taken) onRoom()
  }

  const abortAll = (): void => {
    for (const abort of inHand.keys()) abort.abort(new Error('the consumer is stopping'))
  }

  const allEnded = () => Promise.all([...inHand.values()].map((unit) => unit.ended))

  const finish = async (): Promise<void> => {
    const reason = await Promise.race([allEnded(), leaving.promise.then(() => 'leaving'), leftBehind.promise])
    state = 'stopped'
    clearTimeout(committing)
    if (reason === 'leaving') {
      // They come again, and that they were started here says nothing about them.
      for (const unit of inHand.values()) if (unit.started) note(unit.records, 'giveBack')
    }
    try {
      // Also waits for a commit under way, and repeats it if it fails.
      await flush()
    } finally {
      await leave?.run()
      await Promise.race([allEnded(), leftBehind.promise])
    }
  }

  return {
    assign(partition, committed) {
      partitions.set(partition, { tracker: createTracker(committed), queue: [], inHand: 0 })
    },
    revoke(number) {
      if (!partitions.delete(number)) return
      for (const [abort, { from }] of inHand) {
        if (!from.some(isOwned)) abort.abort(new Error('the partition went to another consumer'))
      }
    },
    offer(records) {
      for (const record of records) {
        const partition = partitions.get(record.partition)
        if (partition?.tracker.add(record.offset)) partition.queue.push(record)
      }
      pump()
    },
    queueState(number) {
      const partition = partitions.get(number)
      return {
        queued: partition?.queue.length ?? 0,
        blocked: partition !== undefined && isBlocked(partition),
      }
    },
    crash,
    async stop(graceMs = defaultGraceMs) {
      if (state !== 'stopped') state = 'stopping'
      stopped ??= finish()
      const timers = [setTimeout(abortAll, graceMs), setTimeout(leftBehind.resolve, graceMs + abortMs)]
      if (leave !== undefined && leave.afterMs < graceMs)
        timers.push(setTimeout(leaving.resolve, leave.afterMs))
      try {
        await stopped
      } finally {
        for (const timer of timers) clearTimeout(timer)
      }
    },
  }
}

function isBlocked(partition: Partition): boolean {
  return !partition.tracker.fits(partition.inHand + 1)
}
