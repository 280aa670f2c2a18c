import { crc32 } from 'node:zlib'

/** Kafka's default limit is 4,096 bytes (offset.metadata.max.bytes) and an overflow rejects the commit: stay well below. */
export const maxMetadataBytes = 3_072

/** Counts above this are written as this: one base-36 digit is enough to tell poison from bad luck. */
export const maxStarts = 35

/** Done records beyond the commit's position: offsets from `from` up to, not including, `to`. */
export interface Run {
  from: bigint
  to: bigint
}

/** What travels beside the position of a commit. */
export interface CommitDetails {
  /** Disjoint, ascending, not touching each other nor the position. */
  runs: readonly Run[]
  /** How often each record not yet done was started, 1 to `maxStarts`; ascending by offset. */
  starts: ReadonlyMap<bigint, number>
}

const version = '1'
const none: CommitDetails = { runs: [], starts: new Map() }

/**
 * Writes what is known beyond `position` in at most `maxMetadataBytes` of ASCII; nothing known is the empty string.
 *
 *     1:{starts}:{runs}:{crc32 of all before}      every number in base 36
 *     starts   gap[.count]  comma separated; gap from the start before (the first from the position), count if not 1
 *     runs     gap[.length] comma separated; gap from the end of the run before (the first from the position)
 *
 * The tracker hands out no more than fits. Should it not fit all the same, the last entries are left out: those records
 * come again, none is lost.
 */
export function encodeCommitDetails(position: bigint, details: CommitDetails): string {
  if (details.runs.length === 0 && details.starts.size === 0) return ''
  let room = maxMetadataBytes - version.length - 3 - 7
  const fitting = (entries: Iterable<[gap: bigint, amount: bigint]>): string => {
    const written: string[] = []
    for (const [gap, amount] of entries) {
      const entry = amount === 1n ? gap.toString(36) : `${gap.toString(36)}.${amount.toString(36)}`
      if (entry.length + 1 > room) {
        room = 0
        break
      }
      room -= entry.length + 1
      written.push(entry)
    }
    return written.join(',')
  }
  const body = `${version}:${fitting(startEntries(position, details.starts))}:${fitting(runEntries(position, details.runs))}`
  return `${body}:${crc32(body).toString(36)}`
}

/** Reads `encodeCommitDetails`' text. Another version or anything garbled is nothing known: never an error, never a guess. */
export function decodeCommitDetails(position: bigint, metadata: string): CommitDetails {
  const match = /^((\w+):([\w.,]*):([\w.,]*)):(\w+)$/.exec(metadata)
  if (match === null) return none
  const [, body = '', written, startsText = '', runsText = '', sum] = match
  if (written !== version || crc32(body).toString(36) !== sum) return none
  const starts = new Map<bigint, number>()
  let at = position
  for (const [gap, count] of entriesOf(startsText)) {
    at += gap
    starts.set(at, Number(count))
  }
  const runs: Run[] = []
  at = position
  for (const [gap, length] of entriesOf(runsText)) {
    const from = at + gap
    at = from + length
    runs.push({ from, to: at })
  }
  return { runs, starts }
}

/** Records beyond the position that are done already. */
export function countDoneAhead(position: bigint, metadata: string): number {
  return decodeCommitDetails(position, metadata).runs.reduce((sum, run) => sum + Number(run.to - run.from), 0)
}

function* startEntries(
  position: bigint,
  starts: ReadonlyMap<bigint, number>,
): Iterable<[gap: bigint, amount: bigint]> {
  let at = position
  for (const [offset, count] of starts) {
    yield [offset - at, BigInt(count)]
    at = offset
  }
}

function* runEntries(position: bigint, runs: readonly Run[]): Iterable<[gap: bigint, amount: bigint]> {
  let at = position
  for (const run of runs) {
    yield [run.from - at, run.to - run.from]
    at = run.to
  }
}

function* entriesOf(text: string): Iterable<[gap: bigint, amount: bigint]> {
  if (text === '') return
  for (const entry of text.split(',')) {
    const [gap = '', amount = '1'] = entry.split('.')
    yield [parseBase36(gap), parseBase36(amount)]
  }
}

/** BigInt() reads base 10 and 16 only. Offsets are far below 2^53, so a number carries a gap exactly. */
function parseBase36(text: string): bigint {
  return BigInt(Number.parseInt(text, 36))
}
