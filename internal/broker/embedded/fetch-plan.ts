/** What is known about one partition when the next page is planned. */
export interface FetchState {
  partition: number
  /** The next offset to read. */
  next: bigint
  /** The end of the log. */
  end: bigint
  queued: number
  /** What it has queued does not move at the moment, so more of it would only take memory. */
  blocked: boolean
}

export interface FetchRange {
  partition: number
  from: bigint
  limit: number
}

/** A page stalls the event loop while it is read: up to 20 ms for either of these. */
const pageRecords = 500
const pageBytes = 1 << 20

/**
 * What to read next: nothing while half the high-water mark is still queued, else as much as fills up to it, shared
 * evenly by the partitions that have more, and no more than a page as records go (`meanBytes` each).
 * What blocked partitions have queued does not count, or one of them could starve all others.
 */
export function planFetch(
  partitions: readonly FetchState[],
  { highWater, meanBytes }: { highWater: number; meanBytes: number },
): FetchRange[] {
  const moving = partitions.filter(isMoving)
  const queued = queuedIn(moving)
  if (queued > highWater / 2) return []
  const behind = moving.filter((partition) => partition.next < partition.end)
  const fitting = Math.max(1, Math.floor(pageBytes / Math.max(1, meanBytes)))
  const page = Math.min(highWater - queued, pageRecords, fitting)
  const share = Math.max(1, Math.floor(page / Math.max(1, behind.length)))
  return behind.map(({ partition, next }) => ({ partition, from: next, limit: share }))
}

/**
 * Which of the records just appended to take as they are: those that come next in their partition, as long as there is
 * room below the high-water mark. The rest is read from the log when its turn comes.
 */
export function takeAppended<R extends { partition: number; offset: bigint }>(
  appended: readonly R[],
  partitions: readonly FetchState[],
  highWater: number,
): R[] {
  const moving = partitions.filter(isMoving)
  const next = new Map(moving.map((partition) => [partition.partition, partition.next]))
  let room = highWater - queuedIn(moving)
  return appended.filter(({ partition, offset }) => {
    if (room <= 0 || next.get(partition) !== offset) return false
    next.set(partition, offset + 1n)
    room -= 1
    return true
  })
}

function isMoving({ blocked, queued }: FetchState): boolean {
  return !blocked || queued === 0
}

function queuedIn(partitions: readonly FetchState[]): number {
  return partitions.reduce((sum, partition) => sum + partition.queued, 0)
}
