import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { throughSharp } from '../support/bare-sharp.ts'
import { withDataPlane } from '../support/data-plane.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { median } from '../support/statistics.ts'
import { type Drained, startLane } from './lane.ts'
import { storePhotos } from './photos.ts'
import { chunkTasks, singleTasks } from './tasks.ts'

const MB = 1e6
/** Objects of a chunk: about 30 s of work are up to 64. */
const perChunk = 64

/** One worker takes photographs of 100 to 200 KB from S3 to S3, against bare sharp over the same files on disk. */
export async function run({ short, addresses }: BenchOptions): Promise<Row[]> {
  const [count, rounds] = short ? [32, 1] : [200, 10]
  const slots = availableParallelism()
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-worker-bench-'))
  try {
    return await withDataPlane(async (plane) => {
      const stored = await storePhotos(plane, count, {
        onPhoto: (name, bytes) => writeFile(join(folder, name), bytes),
      })
      const chunks = await startLane(plane, slots, { isChunks: true })
      const singles = await startLane(plane, slots, { isChunks: false })
      const asChunks = (run: string) => chunkTasks(stored, { run, bucket: plane.bucket, per: perChunk })
      const asSingles = (run: string) => singleTasks(stored, run)
      // Code is compiled and children are there by the time anybody measures.
      await chunks.drain((run) => chunkTasks(stored.slice(0, 32), { run, bucket: plane.bucket, per: 8 }))
      await singles.drain((run) => singleTasks(stored.slice(0, 32), run))
      const encoder = { format: 'JPEG' as const, quality: 76 }
      const bare = async () => (await throughSharp(folder, encoder, slots)).cpuSeconds
      const measured = { chunks: [] as Round[], singles: [] as Round[] }
      let before = await bare()
      for (let round = 0; round < rounds; round++) {
        const ofChunks = await chunks.drain(asChunks)
        const between = await bare()
        const ofSingles = await singles.drain(asSingles)
        const after = await bare()
        measured.chunks.push({ ...ofChunks, bareSeconds: (before + between) / 2 })
        measured.singles.push({ ...ofSingles, bareSeconds: (between + after) / 2 })
        before = after
      }
      return [
        toRow('chunk tasks', measured.chunks, count, 0.85),
        toRow('single-file tasks', measured.singles, count, 0.8),
      ]
    }, addresses)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** With the CPU of bare sharp just before and after it, on average: machines get faster and slower while one measures. */
interface Round extends Drained {
  bareSeconds: number
}

function toRow(kind: string, drained: readonly Round[], count: number, bar: number): Row {
  const total = (what: 'bareSeconds' | 'cpuSeconds') => drained.reduce((sum, round) => sum + round[what], 0)
  const ratio = total('bareSeconds') / total('cpuSeconds')
  const busy = median(drained.map((d) => d.busy))
  const perSecond = count / median(drained.map((d) => d.seconds))
  const growth = ((drained.at(-1)?.rssBytes ?? 0) - (drained[0]?.rssBytes ?? 0)) / MB
  return {
    what: `worker, ${count * drained.length} JPEGs of 100 to 200 KB from S3 to S3 in ${kind}: CPU of bare sharp over its own`,
    measured: `${ratio.toFixed(2)} (${perSecond.toFixed(1)} images/s, slots busy ${(busy * 100).toFixed(0)} %, memory ${growth.toFixed(0)} MB more after ${count * (drained.length - 1)} files)`,
    values: { ratio, busy, imagesPerSecond: perSecond, growthMB: growth },
    bar: `at least ${bar.toFixed(2)}, slots busy at least 95 %`,
    met: ratio >= bar && busy >= 0.95,
    holds: ratio >= bar / 3 && busy >= 0.3,
  }
}
