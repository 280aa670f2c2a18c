import { setTimeout as delay } from 'node:timers/promises'
import { createJobTokens } from '../../internal/auth/index.ts'
import { fixtures } from '../../test/fixtures/index.ts'
import type { Service } from '../../test/support/service.ts'
import { BenchClient } from '../support/client.ts'
import { withDataPlane } from '../support/data-plane.ts'
import type { BenchOptions, Row } from '../support/result.ts'

const secret = 'the token secret of a bench'
/** Between two questions a worker asks the API, milliseconds: cancelling comes at any moment of it. */
const askedEveryMs = 5_000
const givenUpMs = 60_000

/** How long a worker goes on with a file whose batch is cancelled: until it has heard of it and ended its child. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const rounds = short ? 1 : 10
  return withDataPlane(async (plane) => {
    const api = await plane.startApi(['--token-secret', secret])
    const token = createJobTokens([secret]).mint('default')
    const worker = await plane.startWorker(['--slots', '1', '--api-url', api.url, '--job-token', token])
    const client = new BenchClient(api.url)
    // Minutes of work.
    const slow = Buffer.concat(Array.from({ length: 400 }, (_, seed) => fixtures.log({ seed })))
    const took: number[] = []
    for (let round = 0; round < rounds; round++) {
      const batchId = await client.createBatch({ data: { codec: 'Brotli', level: 11 } })
      await client.upload(batchId, 'slow.log', slow)
      await untilBusy(worker, 1)
      await delay((askedEveryMs * round) / rounds)
      const cancelled = performance.now()
      await client.json(`/v1/batches/${batchId}/cancel`, undefined)
      await untilBusy(worker, 0)
      took.push((performance.now() - cancelled) / 1000)
    }
    const [least, most] = [Math.min(...took), Math.max(...took)]
    return [
      {
        what: `a worker lets go of a file that is cancelled, ${rounds} times`,
        measured: `${least.toFixed(1)} to ${most.toFixed(1)} s`,
        values: { least, most },
        bar: 'within 10 s',
        met: most <= 10,
      },
    ]
  })
}

/** Waits until so many slots of the worker are busy. */
async function untilBusy({ url }: Service, slots: number): Promise<void> {
  const deadline = performance.now() + givenUpMs
  const wanted = new RegExp(`^kompressor_pool_slots\\{state="busy"\\} ${slots}$`, 'm')
  while (!wanted.test(await (await fetch(`${url}/metrics`)).text())) {
    if (performance.now() > deadline) throw new Error(`the worker never had ${slots} busy slots`)
    await delay(50)
  }
}
