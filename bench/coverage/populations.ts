import { type Random, randomOf } from '../../internal/autoscale/simulate/index.ts'

/** A file whose outcome is known: the estimator sees it only when it draws it. */
export interface KnownFile {
  path: string
  /** As the estimate names it. */
  type: string
  size: number
  saved: number
  cpuMs: number
  predictedMs: number
}

export type Population = (seed: number) => KnownFile[]

interface Kind {
  type: string
  extension: string
  /** Mean bytes, and the spread of their logarithm. */
  mean: number
  sigma: number
  /** Share of its bytes a file saves. */
  ratio: (random: Random) => number
}

const clamp = (share: number) => Math.min(0.98, Math.max(0, share))
const about = (mean: number, spread: number) => (random: Random) => {
  const share = clamp(mean + spread * (random.uniform() + random.uniform() + random.uniform() - 1.5) * 2)
  // Below 5 % the original is kept.
  return share < 0.05 ? 0 : share
}
const sometimes =
  (chance: number, then: (random: Random) => number, otherwise: (random: Random) => number) =>
  (random: Random) =>
    random.uniform() < chance ? then(random) : otherwise(random)
const never = () => 0

const photo: Kind = { type: 'JPEG', extension: 'jpg', mean: 2.4e6, sigma: 0.8, ratio: about(0.45, 0.15) }
const png: Kind = {
  type: 'PNG',
  extension: 'png',
  mean: 400e3,
  sigma: 1.4,
  ratio: sometimes(0.7, never, about(0.2, 0.1)),
}
const log: Kind = { type: 'log', extension: 'log', mean: 3e6, sigma: 1.6, ratio: about(0.9, 0.05) }
const csv: Kind = { type: 'csv', extension: 'csv', mean: 800e3, sigma: 1.8, ratio: about(0.8, 0.1) }
const zip: Kind = {
  type: 'zip',
  extension: 'zip',
  mean: 5e6,
  sigma: 1.5,
  ratio: sometimes(0.97, never, about(0.3, 0.2)),
}
const webp: Kind = {
  type: 'WebP',
  extension: 'webp',
  mean: 90e3,
  sigma: 0.7,
  ratio: sometimes(0.85, never, about(0.15, 0.05)),
}
const backup: Kind = {
  type: 'bak',
  extension: 'bak',
  mean: 20e6,
  sigma: 2.2,
  ratio: sometimes(0.5, about(0.7, 0.2), never),
}
const bare: Kind = {
  type: 'no extension',
  extension: '',
  mean: 100e3,
  sigma: 2,
  ratio: sometimes(0.5, about(0.6, 0.2), never),
}

/** Seven folders, each with a mixture and ratios somewhat of its own. */
function files(
  random: Random,
  count: number,
  kinds: readonly (readonly [Kind, number])[],
  differ: number,
): KnownFile[] {
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0)
  const tilt = Array.from({ length: 7 }, () => 1 + differ * (2 * random.uniform() - 1))
  return Array.from({ length: count }, (_, index) => {
    const folder = Math.floor(7 * random.uniform() ** 2)
    let pick = random.uniform() * total
    const [kind] = kinds.find(([, weight]) => {
      pick -= weight
      return pick < 0
    }) ?? [photo]
    const size = Math.max(1, Math.round(random.lognormal(kind.mean, kind.sigma)))
    const saved = Math.floor(size * clamp(kind.ratio(random) * (tilt[folder] ?? 1)))
    const predictedMs = 3 + size / 20_000
    const name = kind.extension === '' ? String(index) : `${index}.${kind.extension}`
    return {
      path: `folder-${folder}/${name}`,
      type: kind.type,
      size,
      saved,
      predictedMs,
      cpuMs: predictedMs * random.lognormal(1.3, 0.5),
    }
  })
}

/** Heavy tails: Pareto sizes of infinite variance. */
function heavy(random: Random): KnownFile[] {
  return files(
    random,
    3000,
    [
      [photo, 1],
      [log, 2],
      [zip, 1],
    ],
    0.1,
  ).map((file) => {
    const size = Math.round(20_000 * (1 - random.uniform()) ** (-1 / 1.1))
    return {
      ...file,
      size,
      saved: Math.floor((size * file.saved) / file.size),
      predictedMs: 3 + size / 20_000,
    }
  })
}

/** Buckets as they are met; each seed another one of its kind. */
export const populations: Readonly<Record<string, Population>> = {
  photographs: (seed) => files(randomOf(seed), 4000, [[photo, 1]], 0.1),
  mixed: (seed) =>
    files(
      randomOf(seed),
      5000,
      [
        [photo, 6],
        [png, 4],
        [log, 2],
        [csv, 3],
        [zip, 1],
        [webp, 3],
        [bare, 2],
      ],
      0.15,
    ),
  'heavy tails': (seed) => heavy(randomOf(seed)),
  'backups of all sizes': (seed) =>
    files(
      randomOf(seed),
      2000,
      [
        [backup, 3],
        [bare, 5],
        [log, 1],
      ],
      0.1,
    ),
  '60 % compressed already': (seed) => {
    const kept: Kind = { ...photo, ratio: sometimes(0.6, never, about(0.4, 0.15)) }
    return files(randomOf(seed), 4000, [[kept, 1]], 0.05)
  },
  'rare savings': (seed) => {
    const rare: Kind = { ...photo, ratio: sometimes(0.98, never, about(0.6, 0.1)) }
    return files(
      randomOf(seed),
      4000,
      [
        [rare, 3],
        [zip, 1],
      ],
      0,
    )
  },
  'folders that differ': (seed) =>
    files(
      randomOf(seed),
      4000,
      [
        [photo, 2],
        [csv, 1],
      ],
      0.8,
    ),
  'tiny bucket': (seed) =>
    files(
      randomOf(seed),
      30,
      [
        [photo, 2],
        [png, 1],
        [log, 1],
      ],
      0.1,
    ),
  'small bucket': (seed) =>
    files(
      randomOf(seed),
      300,
      [
        [photo, 2],
        [png, 2],
        [log, 1],
        [zip, 1],
        [bare, 1],
      ],
      0.15,
    ),
}
