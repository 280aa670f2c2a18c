import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { fixtures } from '../../test/fixtures/index.ts'
import { BenchClient } from '../support/client.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { withService } from '../support/service.ts'
import { percentile } from '../support/statistics.ts'

const pageSchema = z.object({
  items: z.array(z.object({ id: z.string() })),
  nextCursor: z.string().optional(),
})

/**
 * A batch of 10,000 files, and somebody who listens to it: its manifest, its pages, its pages while more files are sent as fast
 * as they are taken and end, and its pages while all of them end at once.
 */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const count = short ? 500 : 10_000
  const more = short ? 20 : 1_500
  return withService(async (service) => {
    const client = new BenchClient(service.url)
    const files = Array.from({ length: count }, (_, i) => ({ name: `folder/file-${i}.jpg`, size: 100_000 }))
    const started = performance.now()
    const batchId = await client.createBatch({}, files)
    const manifestMs = performance.now() - started
    const idle = await readPages(client, batchId)
    if (idle.ids.length !== count) throw new Error(`the pages hold ${idle.ids.length} of ${count} files`)

    const cancelled = client.untilEvent(batchId, 'batch.cancelled')
    const working = await readPagesWhile(client, batchId, () => sendAndAwait(client, batchId, more))
    // Cancelling settles every file, one event each: the most that can happen to a batch at once.
    const settling = await readPagesWhile(client, batchId, async () => {
      await Promise.all([cancelled, client.json(`/v1/batches/${batchId}/cancel`, undefined)])
    })
    return [
      {
        what: `manifest of ${count} files`,
        measured: `${(manifestMs / 1000).toFixed(2)} s`,
        values: { ms: manifestMs },
        bar: 'at most 3 s',
        met: manifestMs <= 3_000,
      },
      pagesRow('page of 100 files', idle.times, 50),
      pagesRow(
        `page of 100 files while ${perSecond(more, working)} files/s are sent, compressed and told to a listener`,
        working.times,
        50,
      ),
      pagesRow(
        `page of 100 files while all are cancelled, ${perSecond(count, settling)} files/s`,
        settling.times,
        100,
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

/** Reads pages over and over as long as something goes on. */
async function readPagesWhile(
  client: BenchClient,
  batchId: string,
  goOn: () => Promise<void>,
): Promise<{ times: number[]; seconds: number }> {
  let over = false
  const started = performance.now()
  const going = goOn().finally(() => {
    over = true
  })
  const times: number[] = []
  while (!over) times.push(...(await readPages(client, batchId, () => over)).times)
  await going
  return { times, seconds: (performance.now() - started) / 1000 }
}

/** Sends small photographs, several at a time, and waits until all have ended. */
async function sendAndAwait(client: BenchClient, batchId: string, count: number): Promise<void> {
  const photos: Buffer<ArrayBuffer>[] = []
  for (let seed = 0; seed < 10; seed++) {
    photos.push(Buffer.from(await fixtures.photo({ width: 96, height: 64, seed, format: 'jpeg' })))
  }
  const waiting = Array.from({ length: count }, (_, i) => i)
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await client.upload(batchId, `sent-${next}.jpg`, photos[next % photos.length] ?? Buffer.alloc(0))
      }
    }),
  )
  while ((await client.openFiles(batchId)) > 0) await delay(250)
}

function perSecond(count: number, { seconds }: { seconds: number }): string {
  return (count / seconds).toFixed(0)
}

function pagesRow(what: string, times: number[], mostMs: number): Row {
  const p50 = percentile(times, 0.5)
  const p99 = percentile(times, 0.99)
  return {
    what,
    measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    values: { p50, p99 },
    bar: `p99 at most ${mostMs} ms`,
    met: p99 <= mostMs,
  }
}
