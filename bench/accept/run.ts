import { setTimeout as delay } from 'node:timers/promises'
import { fixtures } from '../../test/fixtures/index.ts'
import { BenchClient } from '../support/client.ts'
import { type DataPlane, withDataPlane } from '../support/data-plane.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { percentile } from '../support/statistics.ts'
import { timesToOutcome } from './time-to-outcome.ts'

/** What one API on Postgres, Kafka and S3 takes, and how soon people see what became of it. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  return withDataPlane(async (plane) => [
    ...(await accepting(plane, short)),
    await seeing(plane, short ? 10 : 100),
  ])
}

/** Nothing is released here: the bars are for an API whose workers are idle. */
async function accepting(plane: DataPlane, short: boolean): Promise<Row[]> {
  const api = await plane.startApi(['--roles', 'http'])
  const client = new BenchClient(api.url)
  await manifests(client, 10)
  const perSecond = await manifests(client, short ? 20 : 200)
  const bytes = Buffer.from(fixtures.incompressible({ bytes: 20_000, seed: 1 }))
  await posts(api.url, bytes, 20)
  const times = await posts(api.url, bytes, short ? 50 : 1_000)
  await api.stop()
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
  return [
    {
      what: 'manifests of 100 files into Postgres, one API',
      measured: `${perSecond.toFixed(0)} files/s`,
      values: { filesPerSecond: perSecond },
      bar: 'at least 1,000 files/s',
      met: perSecond >= 1_000,
    },
    {
      what: 'POST /v1/files of 20 KB at 50 a second, one API',
      measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      values: { p50, p99 },
      bar: 'p99 at most 50 ms',
      met: p99 <= 50,
    },
  ]
}

/** Files a second, four manifests under way at a time. */
async function manifests(client: BenchClient, count: number): Promise<number> {
  const files = Array.from({ length: 100 }, (_, i) => ({ name: `file-${i}.jpg`, size: 100_000 }))
  let left = count
  const started = performance.now()
  const one = async () => {
    while (left > 0) {
      left -= 1
      await client.createBatch({}, files)
    }
  }
  await Promise.all([one(), one(), one(), one()])
  return (count * files.length * 1000) / (performance.now() - started)
}

/** Milliseconds from each request to its 202; requests leave at their times whether or not others were answered. */
async function posts(url: string, bytes: Buffer<ArrayBuffer>, count: number): Promise<number[]> {
  const times: Promise<number>[] = []
  const begun = performance.now()
  for (let i = 0; i < count; i++) {
    await delay(Math.max(0, begun + i * 20 - performance.now()))
    times.push(post(url, bytes))
  }
  return Promise.all(times)
}

async function post(url: string, body: Buffer<ArrayBuffer>): Promise<number> {
  const started = performance.now()
  const headers = { 'content-type': 'application/octet-stream' }
  const response = await fetch(`${url}/v1/files?name=file.bin`, { method: 'POST', headers, body })
  await response.arrayBuffer()
  if (response.status !== 202) throw new Error(`the upload answered ${response.status}`)
  return performance.now() - started
}

/** From an upload's 202 to its outcome at a listener, one file at a time. */
async function seeing(plane: DataPlane, count: number): Promise<Row> {
  const api = await plane.startApi()
  await plane.startWorker(['--slots', '1'])
  const client = new BenchClient(api.url)
  const batchId = await client.createBatch({})
  const photo = Buffer.from(await fixtures.photo({ width: 1000, height: 750, seed: 1, format: 'jpeg' }))
  const times = await timesToOutcome(client, batchId, photo, count)
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
  return {
    what: `upload of a JPEG of ${Math.round(photo.length / 1000)} KB until its outcome is seen, Kafka and Postgres`,
    measured: `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
    values: { p50, p99 },
    bar: 'p50 at most 250 ms, p99 at most 1 s',
    met: p50 <= 250 && p99 <= 1_000,
  }
}
