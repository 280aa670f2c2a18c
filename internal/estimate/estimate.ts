import { byFolder } from './folders.ts'
import { type Candidate, type Frame, type Sums, sumsOf } from './frame.ts'
import { moneyOf } from './money.ts'
import type { Stratum } from './plan.ts'
import type { Prices } from './prices.ts'
import { addUp, type StratumSum, sumOf } from './ratio.ts'
import type { Estimate, Example, Group, Interval } from './schema.ts'

/** What became of a file that was looked at. */
export type Looked =
  | {
      kind: 'done'
      outcome: Example['outcome']
      reason?: string
      /** Media type, from its bytes. */
      type: string
      bytesOut: number
      cpuMs: number
      score?: number
    }
  | { kind: 'failed'; code: string; cpuMs: number }
  /** It could not be read (it may be gone): it says nothing about others. */
  | { kind: 'unreadable' }

export interface Circumstances {
  seed: number
  prices: Prices
  /** Workers, and files that each works on at the same time. */
  replicas: number
  slots: number
  oldVersionDays: number
  at: Date
}

/** Files of each end shown as examples. */
const examplesShown = 5
/** Share of the time that slots work: fetching, storing and the ends of chunks leave them idle. */
const busyShare = 0.8

interface Seen<T> {
  candidate: Candidate<T>
  looked: Exclude<Looked, { kind: 'unreadable' }>
  saved: number
}

interface Judged<T> {
  stratum: Stratum<T>
  seen: Seen<T>[]
  saved: StratumSum
  cpuMs: StratumSum
}

/**
 * What compressing everything in the frame would come to, from what became of the sample.
 *
 * @param outcomeOf what became of each file of the plan
 */
export function estimate<T>(
  frame: Frame<T>,
  plan: readonly Stratum<T>[],
  outcomeOf: (candidate: Candidate<T>) => Looked,
  circumstances: Circumstances,
): Estimate {
  const looked = plan.map((stratum) => ({ stratum, seen: seenOf(stratum, outcomeOf) }))
  const all = looked.flatMap(({ seen }) => seen)
  const otherwise = {
    saved:
      over(all, ({ saved }) => saved) /
      Math.max(
        1,
        over(all, ({ candidate }) => candidate.size),
      ),
    cpuMs:
      over(all, ({ looked }) => looked.cpuMs) /
      Math.max(
        1,
        over(all, ({ candidate }) => candidate.predictedMs),
      ),
  }
  const judged = looked.map(({ stratum, seen }) => judge(stratum, seen, otherwise))
  const saved = whole(
    addUp(
      judged.map((one) => one.saved),
      1,
    ),
  )
  const coreSeconds = per(
    addUp(
      judged.map(({ cpuMs }) => cpuMs),
      Number.POSITIVE_INFINITY,
    ),
    1000,
  )
  const { replicas, slots } = circumstances
  const classes = storageClasses(judged)
  const drawn = plan.reduce((sum, { sample }) => sum + sample.length, 0)
  return {
    version: 1,
    at: circumstances.at.toISOString(),
    found: { files: frame.total.files, bytes: frame.total.bytes, empty: frame.empty },
    sample: {
      files: all.length,
      bytes: over(all, ({ candidate }) => candidate.size),
      seed: circumstances.seed,
      coreSeconds: over(all, ({ looked }) => looked.cpuMs) / 1000,
      unreadable: drawn - all.length,
    },
    saved,
    byType: types(judged),
    byPrefix: folders(judged),
    outcomes: outcomes(judged),
    failures: failures(all),
    examples: examples(all),
    coreSeconds,
    duration: { replicas, slots, seconds: per(coreSeconds, replicas * slots * busyShare) },
    money: moneyOf({
      prices: circumstances.prices,
      classes: classes.sums,
      savedByClass: classes.saved,
      saved,
      coreSeconds,
      ages: frame.ages,
      oldVersionDays: circumstances.oldVersionDays,
    }),
  }
}

function seenOf<T>({ sample }: Stratum<T>, outcomeOf: (candidate: Candidate<T>) => Looked): Seen<T>[] {
  return sample.flatMap((candidate) => {
    const looked = outcomeOf(candidate)
    if (looked.kind === 'unreadable') return []
    // Kept copies may grow or shrink by a few bytes of metadata; nothing is ever counted as less than nothing.
    const saved = looked.kind === 'failed' ? 0 : Math.max(0, candidate.size - looked.bytesOut)
    return [{ candidate, looked, saved }]
  })
}

function judge<T>(
  stratum: Stratum<T>,
  seen: Seen<T>[],
  otherwise: { saved: number; cpuMs: number },
): Judged<T> {
  const { files } = stratum
  const bytes = seen.map(({ candidate, saved }) => ({ x: candidate.size, y: saved }))
  const times = seen.map(({ candidate, looked }) => ({ x: candidate.predictedMs, y: looked.cpuMs }))
  return {
    stratum,
    seen,
    saved: sumOf({ files, total: stratum.bytes, pairs: bytes }, otherwise.saved),
    cpuMs: sumOf({ files, total: stratum.predictedMs, pairs: times }, otherwise.cpuMs),
  }
}

function types<T>(judged: readonly Judged<T>[]): Group[] {
  const byType = Map.groupBy(judged, ({ stratum }) => stratum.type)
  return largestFirst(
    [...byType].map(([name, own]) => ({
      name,
      files: over(own, ({ stratum }) => stratum.files),
      bytes: over(own, ({ stratum }) => stratum.bytes),
      sampled: over(own, ({ seen }) => seen.length),
      saved: whole(
        addUp(
          own.map(({ saved }) => saved),
          1,
        ),
      ),
    })),
  )
}

function folders<T>(judged: readonly Judged<T>[]): Group[] {
  const sums = new Map<string, Sums>()
  const sampled = new Map<string, number>()
  for (const { stratum, seen } of judged) {
    addAll(sums, stratum.folders)
    for (const { candidate } of seen) sampled.set(candidate.folder, (sampled.get(candidate.folder) ?? 0) + 1)
  }
  const intervals = byFolder(
    judged.map(({ stratum, seen, saved: sum }) => ({
      sum,
      folders: stratum.folders,
      observed: seen.map(({ candidate, saved }) => ({
        folder: candidate.folder,
        size: candidate.size,
        saved,
      })),
    })),
  )
  return largestFirst(
    [...intervals].map(([name, saved]) => {
      const { files = 0, bytes = 0 } = sums.get(name) ?? {}
      return { name, files, bytes, sampled: sampled.get(name) ?? 0, saved: whole(saved) }
    }),
  )
}

function storageClasses<T>(judged: readonly Judged<T>[]) {
  const sums = new Map<string, Sums>()
  const saved = new Map<string, number>()
  for (const { stratum, saved: own } of judged) {
    addAll(sums, stratum.storageClasses)
    for (const [name, { bytes }] of stratum.storageClasses) {
      saved.set(name, (saved.get(name) ?? 0) + bytes * own.ratio)
    }
  }
  return { sums, saved }
}

/** How many files would have each outcome: each file looked at stands for as many as its stratum has for it. */
function outcomes<T>(judged: readonly Judged<T>[]): Estimate['outcomes'] {
  const sum = { compressed: 0, kept: 0, skipped: 0, failed: 0 }
  for (const { stratum, seen } of judged) {
    for (const { looked } of seen) sum[outcomeName(looked)] += stratum.files / seen.length
  }
  return {
    compressed: Math.round(sum.compressed),
    kept: Math.round(sum.kept),
    skipped: Math.round(sum.skipped),
    failed: Math.round(sum.failed),
  }
}

function outcomeName(looked: Seen<unknown>['looked']): keyof Estimate['outcomes'] {
  if (looked.kind === 'failed') return 'failed'
  return looked.outcome === 'kept_original' ? 'kept' : looked.outcome
}

function failures<T>(all: readonly Seen<T>[]): Estimate['failures'] {
  const failed = all.flatMap(({ candidate, looked }) =>
    looked.kind === 'failed' ? [{ path: candidate.path, code: looked.code }] : [],
  )
  return [...Map.groupBy(failed, ({ code }) => code)]
    .map(([code, own]) => ({ code, sampled: own.length, example: own[0]?.path ?? '' }))
    .sort((a, b) => b.sampled - a.sampled)
}

/** Files that save the largest and the smallest share, of equals the larger first; best ones save something, and none is both. */
function examples<T>(all: readonly Seen<T>[]): Estimate['examples'] {
  const done = all.flatMap(({ candidate, looked }) =>
    looked.kind === 'done' ? [exampleOf(candidate, looked)] : [],
  )
  const larger = (a: Example, b: Example) => b.bytesIn - a.bytesIn
  const most = Math.min(examplesShown, Math.ceil(done.length / 2))
  const best = done
    .toSorted((a, b) => share(b) - share(a) || larger(a, b))
    .slice(0, most)
    .filter((one) => share(one) > 0)
  const others = done.filter((one) => !best.includes(one))
  return { best, worst: others.sort((a, b) => share(a) - share(b) || larger(a, b)).slice(0, examplesShown) }
}

function share({ bytesIn, bytesOut }: Example): number {
  return 1 - bytesOut / bytesIn
}

function exampleOf<T>({ path, size }: Candidate<T>, looked: Extract<Looked, { kind: 'done' }>): Example {
  const { type, outcome, reason, bytesOut, score } = looked
  return {
    path,
    type,
    outcome,
    bytesIn: size,
    bytesOut,
    ...(reason !== undefined && { reason }),
    ...(score !== undefined && { score }),
  }
}

function addAll(to: Map<string, Sums>, from: ReadonlyMap<string, Sums>): void {
  for (const [name, { files, bytes, predictedMs }] of from) {
    const sums = sumsOf(to, name)
    sums.files += files
    sums.bytes += bytes
    sums.predictedMs += predictedMs
  }
}

/** In whole units, outwards: rounding never makes an interval miss. */
function whole({ value, low, high }: Interval): Interval {
  return { value: Math.round(value), low: Math.floor(low), high: Math.ceil(high) }
}

function per({ value, low, high }: Interval, divisor: number): Interval {
  return { value: value / divisor, low: low / divisor, high: high / divisor }
}

function largestFirst(groups: Group[]): Group[] {
  return groups.sort((a, b) => b.bytes - a.bytes || a.name.localeCompare(b.name))
}

function over<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0)
}
