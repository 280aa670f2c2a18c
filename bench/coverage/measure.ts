import { estimate, Frame, type Interval, listPrices, planSample } from '../../internal/estimate/index.ts'
import type { KnownFile, Population } from './populations.ts'

/** How often intervals held what they should, and how wide they were. */
export interface Held {
  times: number
  of: number
  /** Sum of half widths, as shares of the bytes they are about. */
  halfWidths: number
}

export interface Coverage {
  name: string
  sampleSize: number
  /** Files looked at, on average. */
  looked: number
  /** Mean error of the total, as a share of all bytes. */
  bias: number
  saved: Held
  byType: Held
  byPrefix: Held
}

/** Buckets of each kind that samples are drawn from. */
const buckets = 20

const circumstances = {
  prices: listPrices,
  replicas: 1,
  slots: 1,
  oldVersionDays: 0,
  at: new Date('2026-01-01T00:00:00Z'),
}

/** Estimates buckets whose outcome is known, `runs` times with another sample, and counts how often the intervals hold it. */
export function cover(name: string, population: Population, sampleSize: number, runs: number): Coverage {
  const known = Array.from({ length: Math.min(buckets, runs) }, (_, seed) => knownOf(population(seed)))
  const coverage: Coverage = {
    name,
    sampleSize,
    looked: 0,
    bias: 0,
    saved: nothing(),
    byType: nothing(),
    byPrefix: nothing(),
  }
  for (let seed = 0; seed < runs; seed += 1) {
    const bucket = known[seed % known.length]
    if (bucket !== undefined) addRun(coverage, bucket, seed, runs)
  }
  return coverage
}

/** Two standard errors of a share that was counted. */
export function monteCarloError({ times, of }: Held): number {
  const share = (times + 2) / (of + 4)
  return 2 * Math.sqrt((share * (1 - share)) / of)
}

interface Known {
  files: KnownFile[]
  all: Sum
  types: Map<string, Sum>
  folders: Map<string, Sum>
}

interface Sum {
  bytes: number
  saved: number
}

function knownOf(files: KnownFile[]): Known {
  const known: Known = { files, all: { bytes: 0, saved: 0 }, types: new Map(), folders: new Map() }
  for (const file of files) {
    add(known.all, file)
    add(sumOf(known.types, file.type), file)
    add(sumOf(known.folders, file.path.slice(0, file.path.indexOf('/') + 1)), file)
  }
  return known
}

function addRun(coverage: Coverage, { files, all, types, folders }: Known, seed: number, runs: number): void {
  const frame = new Frame<KnownFile>({ sampleSize: coverage.sampleSize, seed })
  for (const file of files) frame.add({ ...file, storageClass: 'STANDARD', ageDays: 0, ref: file })
  const result = estimate(
    frame,
    planSample(frame),
    ({ ref }) => ({
      kind: 'done',
      outcome: 'compressed',
      type: ref.type,
      bytesOut: ref.size - ref.saved,
      cpuMs: ref.cpuMs,
    }),
    { ...circumstances, seed },
  )
  coverage.looked += result.sample.files / runs
  coverage.bias += (result.saved.value - all.saved) / all.bytes / runs
  judge(coverage.saved, result.saved, all)
  // Types too rare for a sample of their own are told together, and nobody asked about those.
  for (const { name, saved } of result.byType) judge(coverage.byType, saved, types.get(name))
  for (const { name, saved } of result.byPrefix) judge(coverage.byPrefix, saved, folders.get(name))
}

function judge(held: Held, { low, high }: Interval, truth: Sum | undefined): void {
  if (truth === undefined) return
  held.of += 1
  held.halfWidths += (high - low) / 2 / truth.bytes
  if (low <= truth.saved && truth.saved <= high) held.times += 1
}

function add(sum: Sum, { size, saved }: KnownFile): void {
  sum.bytes += size
  sum.saved += saved
}

function sumOf(sums: Map<string, Sum>, name: string): Sum {
  const found = sums.get(name) ?? { bytes: 0, saved: 0 }
  sums.set(name, found)
  return found
}

function nothing(): Held {
  return { times: 0, of: 0, halfWidths: 0 }
}
