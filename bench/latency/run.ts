import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fixtures } from '../../test/fixtures/index.ts'
import { BenchClient } from '../support/client.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { withService } from '../support/service.ts'
import { percentile } from '../support/statistics.ts'

/** Milliseconds from the request to its 202, for a file of 200 KB, while every slot is busy with photographs. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const samples = short ? 20 : 300
  return withService(async (service) => {
    const client = new BenchClient(service.url)
    const large = Buffer.from(await fixtures.photo({ width: 1600, height: 1200, seed: 1, format: 'jpeg' }))
    const busy = await client.createBatch({ images: { format: 'AVIF', preset: 'Small' } })
    for (let i = 0; i < 40; i++) await client.upload(busy, `busy-${i}.jpg`, large)
    const small = fixtures.incompressible({ bytes: 200_000, seed: 2 })
    const agent = new Agent({ keepAlive: true })
    const times: number[] = []
    for (let i = 0; i < samples + 20; i++) {
      const started = performance.now()
      await post(new URL('/v1/files?name=file.bin', service.url), small, agent)
      // The first ones warm up both sides.
      if (i >= 20) times.push(performance.now() - started)
      await delay(50)
    }
    agent.destroy()
    const p50 = percentile(times, 0.5)
    const p99 = percentile(times, 0.99)
    return [
      {
        what: 'POST /v1/files of 200 KB while all slots are busy',
        measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
        values: { p50, p99 },
        bar: 'p50 at most 10 ms, p99 at most 50 ms',
        met: p50 <= 10 && p99 <= 50,
      },
    ]
  })
}

async function post(url: URL, bytes: Buffer, agent: Agent): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': bytes.length }
  const outgoing = request(url, { method: 'POST', agent, headers }).end(bytes)
  const [response] = await once(outgoing, 'response')
  if (response.statusCode !== 202) throw new Error(`the upload answered ${response.statusCode}`)
  response.resume()
  await once(response, 'end')
}
