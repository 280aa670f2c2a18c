import { type Random, randomOf } from './random.ts'
import type { Incident, Task, Trace } from './world.ts'

/** What files there are for a while. */
interface Phase {
  from: number
  to: number
  /** Batches of files a second; a function of time where it changes within the phase. */
  batches: number | ((at: number) => number)
  /** Files in a batch, mean. */
  files: number
  /** Work of a file, mean seconds and sigma of its logarithm. */
  cost: readonly [number, number]
  /** Part of the files whose key is that of partition 0. */
  hot?: number
  /** Part of the files that hang until their deadline, seconds. Nobody predicts that. */
  poison?: { part: number; seconds: number }
}

/** Predictions are off by that factor, sigma of the logarithm: what calibrated predictions of images are. */
const predictionSigma = 0.35
const photo: readonly [number, number] = [2, 0.7]
const minute = 60

function phasesOf(
  name: string,
  random: Random,
): { phases: Phase[]; incidents?: Incident[]; initialPods: number } {
  const photos = (from: number, to: number, batches: Phase['batches']): Phase => {
    return { from, to, batches, files: 4, cost: photo }
  }
  switch (name) {
    case 'steady':
      return { phases: [photos(0, 60 * minute, 1.5)], initialPods: 8 }
    case 'step':
      return {
        phases: [
          photos(0, 15 * minute, 0.5),
          photos(15 * minute, 40 * minute, 3.5),
          photos(40 * minute, 60 * minute, 0.5),
        ],
        initialPods: 3,
      }
    case 'diurnal':
      // A day in an hour and a half: what takes hours elsewhere is a stricter test here.
      return {
        phases: [photos(0, 90 * minute, (at) => 1.6 - 1.5 * Math.cos((2 * Math.PI * at) / (90 * minute)))],
        initialPods: 1,
      }
    case 'idle then burst':
      return {
        phases: [10, 26, 42].map((at) => {
          const from = at * minute + random.between(0, 4 * minute)
          return { from, to: from + 30, batches: 2, files: 10, cost: photo }
        }),
        initialPods: 0,
      }
    case 'cost shift':
      return {
        phases: [
          { from: 0, to: 20 * minute, batches: 2, files: 8, cost: [0.1, 0.4] },
          { from: 20 * minute, to: 40 * minute, batches: 0.7, files: 3, cost: [8, 0.3] },
          { from: 40 * minute, to: 60 * minute, batches: 2, files: 8, cost: [0.1, 0.4] },
        ],
        initialPods: 2,
      }
    case 'hot key':
      return {
        phases: [
          photos(0, 20 * minute, 1),
          { ...photos(20 * minute, 40 * minute, 1), hot: 0.35 },
          photos(40 * minute, 60 * minute, 1),
        ],
        initialPods: 6,
      }
    case 'poison':
      return {
        phases: [{ ...photos(0, 60 * minute, 1), poison: { part: 0.01, seconds: 120 } }],
        initialPods: 6,
      }
    case 'broker outage':
      return {
        phases: [photos(0, 60 * minute, 1)],
        incidents: [{ kind: 'outage', from: 20 * minute, to: 24 * minute }],
        initialPods: 6,
      }
    case 'slow store':
      return {
        phases: [photos(0, 60 * minute, 1)],
        incidents: [{ kind: 'slow', from: 20 * minute, to: 35 * minute, factor: 2, slots: 24 }],
        initialPods: 6,
      }
    default:
      throw new RangeError(`there is no trace ${name}`)
  }
}

export const traceNames = [
  'steady',
  'step',
  'diurnal',
  'idle then burst',
  'cost shift',
  'hot key',
  'poison',
  'broker outage',
  'slow store',
] as const

/** One of the traces; another seed is another day of the same kind. */
export function traceOf(name: string, seed: number): Trace {
  const random = randomOf(seed)
  const { phases, incidents = [], initialPods } = phasesOf(name, random)
  const tasks = phases.flatMap((phase) => tasksOf(phase, random)).sort((a, b) => a.acceptedAt - b.acceptedAt)
  const end = Math.max(...phases.map(({ to }) => to))
  return { name, seconds: Math.max(60 * minute, end), tasks, incidents, initialPods }
}

/** Batches come independently of each other, the files of one within a few seconds. */
function tasksOf({ from, to, batches, files, cost, hot = 0, poison }: Phase, random: Random): Task[] {
  const tasks: Task[] = []
  const rateAt = typeof batches === 'number' ? () => batches : batches
  const most = typeof batches === 'number' ? batches : Math.max(...spread(from, to).map(batches))
  for (let at = from + random.exponential(1 / most); at < to; at += random.exponential(1 / most)) {
    // Thinning: of arrivals at the highest rate, those that the rate of the moment leaves.
    if (random.uniform() * most >= rateAt(at)) continue
    let acceptedAt = at
    for (let left = random.geometric(files); left > 0; left -= 1) {
      const own = random.lognormal(...cost)
      const predicted = own * random.lognormal(1, predictionSigma)
      const hangs = random.uniform() < (poison?.part ?? 0)
      const isHot = random.uniform() < hot
      tasks.push({
        acceptedAt,
        cost: hangs && poison !== undefined ? poison.seconds : own,
        predicted,
        ...(isHot && { partition: 0 }),
      })
      acceptedAt += random.exponential(0.2)
    }
  }
  return tasks
}

function spread(from: number, to: number): number[] {
  return Array.from({ length: 101 }, (_, i) => from + ((to - from) * i) / 100)
}
