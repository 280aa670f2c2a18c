import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { type DataPlane, withDataPlane } from '../support/data-plane.ts'
import { cpuSeconds } from '../support/process-stats.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { median } from '../support/statistics.ts'
import { startLane } from '../worker/lane.ts'
import { storePhotos } from '../worker/photos.ts'
import { type Stored, singleTasks } from '../worker/tasks.ts'

const quality = 76

/** Files a minute and CPU of one worker, and of as many consumers of the design it replaces as there are cores. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const [count, rounds] = short ? [32, 1] : [500, 3]
  const cores = availableParallelism()
  return withDataPlane(async (plane) => {
    const stored = await storePhotos(plane, count)
    const lane = await startLane(plane, cores, { isChunks: false })
    const reference = await startReference(plane, cores)
    try {
      await lane.drain((run) => singleTasks(stored.slice(0, 32), run))
      await reference.drain(stored.slice(0, 32))
      const faster: number[] = []
      const leaner: number[] = []
      const perMinute: number[] = []
      for (let round = 0; round < rounds; round++) {
        const ours = await lane.drain((run) => singleTasks(stored, run))
        const theirs = await reference.drain(stored)
        faster.push(theirs.seconds / ours.seconds)
        leaner.push(theirs.cpuSeconds / ours.cpuSeconds)
        perMinute.push((count * 60) / ours.seconds)
      }
      const ratio = median(faster)
      const filesPerMinute = median(perMinute)
      return [
        {
          what: `files a minute of one worker over those of ${cores} consumers of one message at a time, single-file tasks`,
          measured: `${ratio.toFixed(2)} (${filesPerMinute.toFixed(0)} a minute, CPU of theirs over ours ${median(leaner).toFixed(2)})`,
          values: { ratio, filesPerMinute, cpuRatio: median(leaner) },
          bar: 'at least 1',
          met: ratio >= 1,
          holds: ratio >= 0.3,
        },
      ]
    } finally {
      await reference.stop()
    }
  })
}

async function startReference(plane: DataPlane, processes: number) {
  const { addresses, bucket, broker, databaseUrl } = plane
  const topic = `reference.${randomUUID().slice(0, 8)}`
  await broker.ensureTopic(topic, { partitions: 2 * processes })
  const database = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  await database.query('create table reference (id text primary key, state text not null, bytes integer)')
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: addresses.s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: addresses.s3.credentials.secretAccessKey,
    AWS_REGION: addresses.s3.region,
    BENCH_BROKERS: addresses.kafkaBrokers.join(','),
    BENCH_TOPIC: topic,
    BENCH_BUCKET: bucket,
    BENCH_DATABASE_URL: databaseUrl,
    BENCH_S3_ENDPOINT: addresses.s3.endpoint,
    BENCH_QUALITY: String(quality),
  }
  const script = new URL('./consumer.ts', import.meta.url).pathname
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  await Promise.all(children.map((child) => once(child.stdout, 'data')))
  // Its own producer: ours compresses records with what a plain consumer does not read.
  const producer = new Kafka({ brokers: addresses.kafkaBrokers, logLevel: logLevel.ERROR }).producer()
  await producer.connect()
  const cpu = () => children.reduce((sum, { pid = 0 }) => sum + cpuSeconds(pid), 0)
  return {
    drain: async (stored: readonly Stored[]) => {
      const run = randomUUID()
      const rows = stored.map(({ key }, i) => ({ id: `${run}-${i}`, key }))
      await database.query("insert into reference (id, state) select unnest($1::text[]), 'queued'", [
        rows.map(({ id }) => id),
      ])
      const before = cpu()
      const started = performance.now()
      await producer.send({ topic, messages: rows.map((row) => ({ value: JSON.stringify(row) })) })
      for (;;) {
        const { rows: open } = await database.query("select 1 from reference where state = 'queued' limit 1")
        if (open.length === 0) break
        if (children.some((child) => child.exitCode !== null))
          throw new Error('a consumer of the reference ended')
        await delay(100)
      }
      return { seconds: (performance.now() - started) / 1000, cpuSeconds: cpu() - before }
    },
    stop: async () => {
      await producer.disconnect()
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')))
      await database.end()
    },
  }
}
