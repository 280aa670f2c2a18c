import type { StratumSum } from './ratio.ts'
import type { Interval } from './schema.ts'
import { t95 } from './student.ts'

/** A stratum as folders see it. */
export interface FolderStratum {
  sum: StratumSum
  /** Files and bytes of the stratum by folder. */
  folders: ReadonlyMap<string, { files: number; bytes: number }>
  /** What was looked at. */
  observed: readonly { folder: string; size: number; saved: number }[]
}

/** One folder in one stratum. */
interface Part {
  files: number
  bytes: number
  sum: StratumSum
  /** Of its files that were looked at. */
  seen: { files: number; bytes: number; saved: number; squares: number }
}

/**
 * Bytes saved by folder. Files that were looked at are known. For the others each folder takes the ratios of its strata, and
 * moves from there towards its own files as far as folders have been seen to differ: the empirical Bayes estimator of Fay and
 * Herriot (JASA 74, 1979), with the variance between folders by the method of moments (DerSimonian and Laird, Controlled
 * Clinical Trials 7, 1986) at an upper limit: too small a variance would pull just the folders that differ most towards the
 * others, and their intervals would miss. Too large a one costs a little width.
 */
export function byFolder(strata: readonly FolderStratum[]): Map<string, Interval> {
  const parts = partsOf(strata)
  const folders = [...parts].map(([name, own]) => ({ name, own, direct: directOf(own) }))
  const between = betweenFolders(folders.map(({ direct }) => direct))
  return new Map(folders.map(({ name, own, direct }) => [name, intervalOf(own, direct, between)]))
}

function partsOf(strata: readonly FolderStratum[]): Map<string, Part[]> {
  const parts = new Map<string, Part[]>()
  for (const { sum, folders, observed } of strata) {
    const seen = Map.groupBy(observed, ({ folder }) => folder)
    for (const [folder, { files, bytes }] of folders) {
      if (files === 0) continue
      const own = parts.get(folder) ?? []
      parts.set(folder, own)
      own.push({ files, bytes, sum, seen: seenOf(seen.get(folder) ?? []) })
    }
  }
  return parts
}

function seenOf(observed: readonly { size: number; saved: number }[]): Part['seen'] {
  const seen = { files: observed.length, bytes: 0, saved: 0, squares: 0 }
  for (const { size, saved } of observed) {
    seen.bytes += size
    seen.saved += saved
    seen.squares += size ** 2
  }
  return seen
}

/** How far the files seen of a folder are from what their strata say, per byte, and the variance of that. */
interface Direct {
  shift: number
  variance: number
}

/** Strata that were looked at completely say nothing about files of others. */
function directOf(parts: readonly Part[]): Direct {
  let [shift, bytes, variance] = [0, 0, 0]
  for (const { sum, seen } of parts) {
    if (sum.unseen === 0) continue
    shift += seen.saved - sum.ratio * seen.bytes
    bytes += seen.bytes
    variance += seen.squares * deviation(sum) ** 2
  }
  if (bytes === 0) return { shift: 0, variance: Number.POSITIVE_INFINITY }
  return { shift: shift / bytes, variance: variance / bytes ** 2 }
}

/** Standard deviation of one file about the ratio of its stratum, per byte: what was seen, and what the unseen may add. */
function deviation({ spread, unseen, ratio }: StratumSum): number {
  return Math.hypot(spread, (Math.sqrt(unseen) * Math.max(ratio, 1 - ratio)) / 2)
}

/** How many standard errors above its estimate the variance between folders is taken: few folders tell it badly. */
const standardErrors = 4

/** Upper limit of the variance between folders, per byte squared, and how many told it. */
interface Between {
  variance: number
  folders: number
}

function betweenFolders(directs: readonly Direct[]): Between {
  const seen = directs.filter(({ variance }) => Number.isFinite(variance) && variance > 0)
  const sum = (of: (direct: Direct) => number) => seen.reduce((total, direct) => total + of(direct), 0)
  const weights = sum(({ variance }) => 1 / variance)
  const scale = weights - sum(({ variance }) => variance ** -2) / weights
  const degrees = seen.length - 1
  if (degrees < 1 || scale <= 0) return { variance: 0, folders: seen.length }
  // The sum is a chi-square of so many degrees when folders do not differ: its mean and standard deviation are known.
  const excess = sum(({ shift, variance }) => shift ** 2 / variance) - degrees
  const variance = Math.max(0, (excess + standardErrors * Math.sqrt(2 * degrees)) / scale)
  return { variance, folders: seen.length }
}

function intervalOf(parts: readonly Part[], { shift, variance: own }: Direct, between: Between): Interval {
  const trust = between.variance === 0 ? 0 : between.variance / (between.variance + own)
  const ofFolder = (1 - trust) ** 2 * between.variance + (trust === 0 ? 0 : trust ** 2 * own)
  let [known, rest, value, variance] = [0, 0, 0, 0]
  for (const { files, bytes, sum, seen } of parts) {
    known += seen.saved
    if (sum.unseen === 0) continue
    const left = bytes - seen.bytes
    rest += left
    value += left * Math.min(1, Math.max(0, sum.ratio + trust * shift))
    const ofStratum = sum.variance / sum.total ** 2
    const ofFiles = deviation(sum) ** 2 / Math.max(1, files - seen.files)
    variance += left ** 2 * (ofStratum + ofFiles + ofFolder)
  }
  const width = t95(Math.max(2, between.folders - 1)) * Math.sqrt(variance)
  const [low, high] = [value - width, value + width]
  return { value: known + value, low: known + Math.max(0, low), high: known + Math.min(rest, high) }
}
