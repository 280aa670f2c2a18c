import {
  type CommitDetails,
  decodeCommitDetails,
  encodeCommitDetails,
  maxMetadataBytes,
  maxStarts,
  type Run,
} from './commit-metadata.ts'

/** What a group has committed for one partition: everything below `position` is done, `metadata` tells the rest. */
export interface Commit {
  position: bigint
  metadata: string
}

/**
 * What one consumer knows about one partition, without I/O: which records are done, which were started, and what to
 * commit so that a successor knows the same. Offsets only ever move a record forward:
 *
 *     unseen --add--> in hand --(start)--> in hand --done--> done ahead of the position, or below it
 *
 * The commit is the position plus the runs done ahead of it plus the start counts of what is not done, so a slow record
 * holds back the position and nothing else, and a crash repeats only what was not done.
 */
export interface OffsetTracker {
  /** The lowest offset not known to be done. */
  readonly position: bigint
  /**
   * Registers a record read from the log; call in ascending order. True: hand it out. False: known already, either done
   * (perhaps by a predecessor) or in hand, so a redelivery. Offsets skipped between two calls do not exist in the log
   * (deleted, compacted) and count as done.
   */
  add(offset: bigint): boolean
  /** How often the record was started without becoming done; saturates at 35. */
  starts(offset: bigint): number
  /** The work on a record begins. */
  start(offset: bigint): void
  /** The work was interrupted on purpose: that start says nothing about the record and does not count. */
  giveBack(offset: bigint): void
  /** The record is done. Repeating it changes nothing. */
  done(offset: bigint): void
  /**
   * Whether the commit fits its metadata whatever happens to `inHand` records (or contiguous groups of records that
   * become done together) handed out at the same time. When it would not fit, hand out nothing until something is done.
   * One always fits: alone in hand it is the lowest record not done, which moves the position and leaves no gap.
   */
  fits(inHand: number): boolean
  /** What to commit now. */
  commit(): Commit
}

/** A tracker that goes on where a commit left off. */
export function createTracker(committed: Commit): OffsetTracker {
  const restored: CommitDetails = decodeCommitDetails(committed.position, committed.metadata)
  const runs: Run[] = restored.runs.map((run) => ({ ...run }))
  const starts = new Map(restored.starts)
  let position = committed.position
  /** Every offset below was added, or does not exist. */
  let frontier = committed.position
  /** End of what the predecessor knew about. */
  const known = [...runs.map((run) => run.to), ...[...starts.keys()].map((offset) => offset + 1n)].reduce(
    (end, other) => (other > end ? other : end),
    position,
  )

  /** Index of the first run that ends at or behind the offset: the one it lies in or touches, or the next. */
  const runAt = (offset: bigint): number => {
    let low = 0
    let high = runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const run = runs[middle]
      if (run !== undefined && run.to < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  const isDone = (offset: bigint): boolean => {
    if (offset < position) return true
    const run = runs[runAt(offset)]
    return run !== undefined && run.from <= offset && offset < run.to
  }

  const markDone = (first: bigint, end: bigint): void => {
    if (end <= position) return
    let from = first
    let to = end
    const index = runAt(from)
    let touched = 0
    for (let run = runs[index]; run !== undefined && run.from <= to; run = runs[index + touched]) {
      if (run.from < from) from = run.from
      if (run.to > to) to = run.to
      touched += 1
    }
    if (from <= position) {
      position = to
      runs.splice(index, touched)
    } else {
      runs.splice(index, touched, { from, to })
    }
  }

  return {
    get position() {
      return position
    },
    add(offset) {
      if (offset < frontier) return false
      if (offset > frontier) {
        for (const started of starts.keys()) {
          if (started >= frontier && started < offset) starts.delete(started)
        }
        markDone(frontier, offset)
      }
      frontier = offset + 1n
      return !isDone(offset)
    },
    starts(offset) {
      return starts.get(offset) ?? 0
    },
    start(offset) {
      if (isDone(offset)) return
      starts.set(offset, Math.min((starts.get(offset) ?? 0) + 1, maxStarts))
    },
    giveBack(offset) {
      const left = (starts.get(offset) ?? 0) - 1
      if (left > 0) starts.set(offset, left)
      else starts.delete(offset)
    },
    done(offset) {
      starts.delete(offset)
      if (!isDone(offset)) markDone(offset, offset + 1n)
    },
    fits(inHand) {
      if (inHand <= 1) return true
      // Each record in hand turns into at most one entry more (a start count, or a run of its own); an entry is two
      // numbers no longer than the span they lie in, and two separators. 16 bytes hold version and checksum.
      const end = frontier > known ? frontier : known
      const digits = (end > position ? end - position : 1n).toString(36).length
      return 16 + (runs.length + starts.size + inHand) * (2 * digits + 2) <= maxMetadataBytes
    },
    commit() {
      const ascending = new Map([...starts].sort(([a], [b]) => (a < b ? -1 : 1)))
      return { position, metadata: encodeCommitDetails(position, { runs, starts: ascending }) }
    },
  }
}
