import { z } from 'zod'
import { BenchClient } from '../support/client.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { withService } from '../support/service.ts'
import { percentile } from '../support/statistics.ts'

const pageSchema = z.object({
  items: z.array(z.object({ id: z.string() })),
  nextCursor: z.string().optional(),
})

/** A batch of 10,000 files: its manifest, its pages, and its pages again while every file of it ends. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const count = short ? 500 : 10_000
  return withService(async (service) => {
    const client = new BenchClient(service.url)
    const files = Array.from({ length: count }, (_, i) => ({ name: `folder/file-${i}.jpg`, size: 100_000 }))
    const started = performance.now()
    const batchId = await client.createBatch({}, files)
    const manifestMs = performance.now() - started
    const idle = await readPages(client, batchId)
    if (idle.ids.length !== count) throw new Error(`the pages hold ${idle.ids.length} of ${count} files`)

    // Cancelling settles every file, one event each: the most that can happen to a batch at once.
    const cancelled = client.untilEvent(batchId, 'batch.cancelled')
    const cancelling = client.json(`/v1/batches/${batchId}/cancel`, undefined)
    const busyTimes: number[] = []
    let settled = false
    const settling = Promise.all([cancelled, cancelling]).then(() => {
      settled = true
    })
    const settleStarted = performance.now()
    while (!settled) busyTimes.push(...(await readPages(client, batchId, () => settled)).times)
    await settling
    const perSecond = count / ((performance.now() - settleStarted) / 1000)
    return [
      {
        what: `manifest of ${count} files`,
        measured: `${(manifestMs / 1000).toFixed(2)} s`,
        values: { ms: manifestMs },
        bar: 'at most 3 s',
        met: manifestMs <= 3_000,
      },
      pagesRow('page of 100 files', idle.times),
      pagesRow(
        `page of 100 files while ${perSecond.toFixed(0)} files/s end and are told to a listener`,
        busyTimes,
      ),
    ]
  })
}

async function readPages(
  client: BenchClient,
  batchId: string,
  isEnough = () => false,
): Promise<{ ids: string[]; times: number[] }> {
  const ids: string[] = []
  const times: number[] = []
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor !== undefined && { cursor }) })
    const started = performance.now()
    const page = pageSchema.parse(await client.get(`/v1/batches/${batchId}/files?${query}`))
    times.push(performance.now() - started)
    ids.push(...page.items.map((item) => item.id))
    cursor = page.nextCursor
  } while (cursor !== undefined && !isEnough())
  return { ids, times }
}

function pagesRow(what: string, times: number[]): Row {
  const p50 = percentile(times, 0.5)
  const p99 = percentile(times, 0.99)
  return {
    what,
    measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    values: { p50, p99 },
    bar: 'p99 at most 50 ms',
    met: p99 <= 50,
  }
}
