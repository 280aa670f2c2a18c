import { Readable } from 'node:stream'
import { z } from 'zod'
import { fixtures } from '../../test/fixtures/index.ts'
import { BenchClient } from '../support/client.ts'
import { rssBytes } from '../support/process-stats.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { withService } from '../support/service.ts'

const MiB = 1024 ** 2

/** How much the service's memory grows while a large file of logs is uploaded and compressed. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const bytes = (short ? 64 : 2048) * MiB
  return withService(async (service) => {
    const client = new BenchClient(service.url)
    const warm = await client.createBatch({ data: {} })
    await client.upload(warm, 'warm.log', Buffer.from(fixtures.log({ bytes: MiB, seed: 1 })))
    await client.seal(warm)
    await client.completion(warm)

    const before = rssBytes(service.pid)
    let peak = before
    const watching = setInterval(() => {
      peak = Math.max(peak, rssBytes(service.pid))
    }, 50)
    const batchId = await client.createBatch({ data: {} })
    await uploadStream(service.url, batchId, bytes)
    await client.seal(batchId)
    await client.completion(batchId)
    clearInterval(watching)
    const batch = z
      .object({
        files: z.object({ completed: z.number() }),
        bytes: z.object({ in: z.number(), out: z.number() }),
      })
      .parse(await client.get(`/v1/batches/${batchId}`))
    if (batch.files.completed !== 1 || batch.bytes.in !== bytes)
      throw new Error('the large file did not complete')
    const growth = (peak - before) / MiB
    return [
      {
        what: `${bytes / MiB} MiB uploaded and compressed, growth of the service's memory`,
        measured: `${growth.toFixed(0)} MiB (${(batch.bytes.in / batch.bytes.out).toFixed(1)}x smaller)`,
        values: { growthMiB: growth, ratio: batch.bytes.in / batch.bytes.out },
        bar: 'at most 150 MiB',
        met: growth <= 150,
      },
    ]
  })
}

async function uploadStream(url: string, batchId: string, bytes: number): Promise<void> {
  const query = new URLSearchParams({ batch: batchId, name: 'large.log' })
  const response = await fetch(`${url}/v1/files?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes) },
    body: Readable.toWeb(Readable.from(chunks(bytes))),
    duplex: 'half',
  })
  if (!response.ok) throw new Error(`the upload answered ${response.status}: ${await response.text()}`)
}

/** Logs that differ from block to block, so that nothing can compress them by remembering one. */
function* chunks(bytes: number): Generator<Buffer> {
  const blocks = Array.from({ length: 16 }, (_, seed) => fixtures.log({ bytes: MiB, seed }))
  for (let sent = 0, i = 0; sent < bytes; sent += MiB, i++) {
    const block = Buffer.from(blocks[i % blocks.length] ?? Buffer.alloc(MiB))
    block.write(`block ${i}\n`)
    yield block
  }
}
