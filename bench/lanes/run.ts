import { fixtures } from '../../test/fixtures/index.ts'
import { timesToOutcome } from '../accept/time-to-outcome.ts'
import { BenchClient } from '../support/client.ts'
import { withDataPlane } from '../support/data-plane.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { percentile } from '../support/statistics.ts'

/** How soon an urgent file is done while the other lane is flooded, against when it is idle; a worker of one slot each. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const count = short ? 5 : 40
  return withDataPlane(async (plane) => {
    const api = await plane.startApi(['--ingest', 'urgent'])
    const topic = 'file-compression'
    await plane.startWorker(['--slots', '1', '--topic', topic, '--group', 'kompressor-workers'])
    await plane.startWorker([
      ...['--slots', '1', '--job', 'urgent'],
      ...['--topic', `${topic}.urgent`, '--group', 'kompressor-workers.urgent'],
    ])
    const client = new BenchClient(api.url)
    const photo = Buffer.from(await fixtures.photo({ width: 1000, height: 750, seed: 1, format: 'jpeg' }))
    const urgent = async () => {
      const batchId = await client.createBatch({}, [], 'urgent')
      return timesToOutcome(client, batchId, photo, count)
    }
    const idle = await urgent()
    const flood = await client.createBatch({ images: { format: 'AVIF' } })
    const flooding = short ? 60 : 600
    for (let i = 0; i < flooding; i++) await client.upload(flood, `flood-${i}.jpg`, photo)
    const busy = await urgent()
    const left = await client.openFiles(flood)
    if (left === 0) throw new Error('the flood was over before the urgent files were done')
    const [before, during] = [percentile(idle, 0.5), percentile(busy, 0.5)]
    return [
      {
        what: `an urgent file until its outcome is seen, beside ${left} open files of another job, over the same without`,
        measured: `${(during / before).toFixed(2)} (p50 ${during.toFixed(0)} ms over ${before.toFixed(0)} ms; all cores busy)`,
        values: { ratio: during / before, idleMs: before, busyMs: during, left },
        bar: 'at most 2',
        met: during / before <= 2,
      },
    ]
  })
}
