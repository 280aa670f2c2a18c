import { availableParallelism } from 'node:os'
import { withDataPlane } from '../support/data-plane.ts'
import { processTreeRssBytes } from '../support/process-stats.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { startLane } from '../worker/lane.ts'
import { storePhotos } from '../worker/photos.ts'
import { chunkTasks } from '../worker/tasks.ts'

const MB = 1e6
/** Objects of a chunk. */
const perChunk = 64
/** Objects of a round, after which memory is looked at. */
const perRound = 10 * perChunk

/** What a worker and its children hold while they do 20,000 files: as much in the second half as in the first. */
export async function run({ short, addresses }: BenchOptions): Promise<Row[]> {
  const rounds = short ? 4 : Math.ceil(20_000 / perRound)
  return withDataPlane(async (plane) => {
    const stored = await storePhotos(plane, perRound, { width: 400, height: 300 })
    const lane = await startLane(plane, availableParallelism(), { isChunks: true })
    const peaks = { first: 0, second: 0 }
    for (let round = 0; round < rounds; round++) {
      const half = round < rounds / 2 ? 'first' : 'second'
      const watching = setInterval(() => {
        peaks[half] = Math.max(peaks[half], processTreeRssBytes(lane.pid))
      }, 500)
      try {
        await lane.drain((run) => chunkTasks(stored, { run, bucket: plane.bucket, per: perChunk }))
      } finally {
        clearInterval(watching)
      }
    }
    const growth = (peaks.second - peaks.first) / MB
    return [
      {
        what: `growth of a worker's memory, its children included, over the second half of ${rounds * perRound} files`,
        measured: `${growth.toFixed(0)} MB, from ${(peaks.first / MB).toFixed(0)} MB`,
        values: { growthMB: growth, peakMB: peaks.first / MB },
        bar: 'at most 100 MB',
        met: growth <= 100,
      },
    ]
  }, addresses)
}
