import type { Interval } from './schema.ts'
import { t95 } from './student.ts'

/** A file that was looked at. */
export interface Observed {
  /** Bytes. */
  size: number
  /** What it was predicted to take, worker-milliseconds. */
  predictedMs: number
  /** Bytes saved: from 0 to its size. */
  saved: number
  /** What it took, CPU milliseconds. */
  cpuMs: number
}

/** What is known of one stratum: how much there is, and of what was looked at, `x` (known of all) and `y` (of these alone). */
export interface Sampled {
  files: number
  /** Sum of x over all files. */
  total: number
  pairs: readonly { x: number; y: number }[]
}

/** The sum of y over a stratum, and what may be wrong with it. */
export interface StratumSum {
  total: number
  /** Sum of y per sum of x. */
  ratio: number
  value: number
  /** Squared standard error of `value`. */
  variance: number
  degrees: number
  /** Share of the stratum that may be of a kind no file looked at was of. 0 when all were looked at. */
  unseen: number
  /** Standard deviation of y about ratio x, per mean x. */
  spread: number
  /** Sum of y over what was looked at. */
  observed: number
}

/**
 * The ratio estimator of a stratum, `X Σy / Σx`, with the variance of its linearisation, `N² (1 − f) s² / n` where s² is that of
 * the residuals `y − R x`, weighted by (X̄ / x̄)² (Cochran, Sampling Techniques, 1977, 6.4; Särndal, Swensson and Wretman,
 * Model Assisted Survey Sampling, 1992, 7.2).
 *
 * @param otherwise the ratio of a stratum none of whose files could be looked at; all of it is unseen then
 */
export function sumOf({ files, total, pairs }: Sampled, otherwise: number): StratumSum {
  const n = pairs.length
  const x = pairs.reduce((sum, pair) => sum + pair.x, 0)
  const observed = pairs.reduce((sum, pair) => sum + pair.y, 0)
  const ratio = n === 0 ? otherwise : observed / x
  const value = total * ratio
  const base = { total, ratio, value, observed, unseen: unseenShare(n, files) }
  if (n < 2 || n >= files) return { ...base, variance: 0, degrees: 0, spread: 0 }
  const squares = pairs.reduce((sum, pair) => sum + (pair.y - ratio * pair.x) ** 2, 0) / (n - 1)
  const spread = Math.sqrt(squares) / (x / n)
  return { ...base, variance: ((total * spread) ** 2 / n) * (1 - n / files), degrees: n - 1, spread }
}

/**
 * The largest share of a stratum that n files drawn of N may all have missed, at 2.5 %: `1 − 0.025^(1/n)`, which is the "rule
 * of three" at another level, times `1 − (n − 1) / 2N`, the usual approximation of the hypergeometric distribution.
 */
export function unseenShare(n: number, files: number): number {
  if (n === 0) return 1
  if (n >= files) return 0
  const share = (1 - 0.025 ** (1 / n)) * (1 - (n - 1) / (2 * files))
  return Math.min(share, 1 - n / files)
}

/**
 * Adds strata up, with a 95 % interval of two parts, added as squares: `t · SE` with Satterthwaite's degrees of freedom, and
 * for each stratum what its unseen share would change if it saved nothing, or everything (Zou and Donner, "Construction of
 * confidence limits about effect measures", Statistics in Medicine 27, 2008, say why distances to limits may be added so).
 *
 * @param most what y can be at most per x: `Infinity` where nothing bounds it; the unseen is then taken for twice as much as the rest at most
 */
export function addUp(strata: readonly StratumSum[], most: number): Interval {
  const value = sum(strata, (stratum) => stratum.value)
  const error = t95(degreesOf(strata)) ** 2 * sum(strata, ({ variance }) => variance)
  const below = sum(strata, ({ total, unseen, ratio }) => (total * unseen * ratio) ** 2)
  const bounded = Number.isFinite(most)
  const room = (ratio: number) => (bounded ? most - ratio : ratio)
  const above = sum(strata, ({ total, unseen, ratio }) => (total * unseen * room(ratio)) ** 2)
  const least = sum(strata, ({ observed }) => observed)
  const largest = bounded ? sum(strata, ({ total }) => total) * most : most
  return {
    value,
    low: Math.max(least, value - Math.sqrt(error + below)),
    high: Math.min(largest, value + Math.sqrt(error + above)),
  }
}

/** Satterthwaite's: how many observations a sum of variances is worth. */
function degreesOf(strata: readonly StratumSum[]): number {
  const variance = sum(strata, (stratum) => stratum.variance)
  if (variance === 0) return Number.POSITIVE_INFINITY
  return (
    1 / sum(strata, ({ variance: own, degrees }) => (degrees === 0 ? 0 : (own / variance) ** 2 / degrees))
  )
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
