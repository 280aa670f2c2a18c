import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { OutgoingRecord } from '../../internal/broker/index.ts'
import { deadLetterTopic, isChunkReport, parseReport, reportTopic } from '../../internal/messages/index.ts'
import { fixtures } from '../../test/fixtures/index.ts'
import type { Service } from '../../test/support/service.ts'
import { throughSharp } from '../support/bare-sharp.ts'
import { type DataPlane, withDataPlane } from '../support/data-plane.ts'
import { cpuSeconds, rssBytes } from '../support/process-stats.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { median } from '../support/statistics.ts'
import { chunkTasks, type Stored, singleTasks } from './tasks.ts'

const MB = 1e6
/** Objects of a chunk: about 30 s of work are up to 64. */
const perChunk = 64

interface Drained {
  cpuSeconds: number
  seconds: number
  /** The share of the slots' time in which a child was compressing, 0 to 1. */
  busy: number
  rssBytes: number
}

/** One worker takes photographs of 100 to 200 KB from S3 to S3, against bare sharp over the same files on disk. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const [count, rounds] = short ? [32, 1] : [700, 3]
  const slots = availableParallelism()
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-worker-bench-'))
  try {
    return await withDataPlane(async (plane) => {
      const stored = await storePhotos(plane, folder, count)
      const chunks = await startLane(plane, slots, { isChunks: true })
      const singles = await startLane(plane, slots, { isChunks: false })
      const asChunks = (run: string) => chunkTasks(stored, { run, bucket: plane.bucket, per: perChunk })
      const asSingles = (run: string) => singleTasks(stored, run)
      // Code is compiled and children are there by the time anybody measures.
      await chunks.drain((run) => chunkTasks(stored.slice(0, 32), { run, bucket: plane.bucket, per: 8 }))
      await singles.drain((run) => singleTasks(stored.slice(0, 32), run))
      const measured = { chunks: [] as Drained[], singles: [] as Drained[], bare: [] as number[] }
      for (let round = 0; round < rounds; round++) {
        const encoder = { format: 'JPEG' as const, quality: 76 }
        measured.bare.push((await throughSharp(folder, encoder, slots)).cpuSeconds)
        measured.chunks.push(await chunks.drain(asChunks))
        measured.singles.push(await singles.drain(asSingles))
      }
      return [
        toRow('chunk tasks', measured.chunks, measured.bare, count, 0.85),
        toRow('single-file tasks', measured.singles, measured.bare, count, 0.8),
      ]
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function toRow(
  kind: string,
  drained: readonly Drained[],
  bare: readonly number[],
  count: number,
  bar: number,
): Row {
  const ratio = median(drained.map(({ cpuSeconds }, i) => (bare[i] ?? 0) / cpuSeconds))
  const busy = median(drained.map((d) => d.busy))
  const perSecond = count / median(drained.map((d) => d.seconds))
  const growth = ((drained.at(-1)?.rssBytes ?? 0) - (drained[0]?.rssBytes ?? 0)) / MB
  return {
    what: `worker, ${count} JPEGs of 100 to 200 KB from S3 to S3 in ${kind}: CPU of bare sharp over its own`,
    measured: `${ratio.toFixed(2)} (${perSecond.toFixed(1)} images/s, slots busy ${(busy * 100).toFixed(0)} %, memory ${growth.toFixed(0)} MB more after ${count * (drained.length - 1)} files)`,
    values: { ratio, busy, imagesPerSecond: perSecond, growthMB: growth },
    bar: `at least ${bar.toFixed(2)}, slots busy at least 95 %`,
    met: ratio >= bar && busy >= 0.95,
  }
}

async function storePhotos({ objects }: DataPlane, folder: string, count: number): Promise<Stored[]> {
  await mkdir(folder, { recursive: true })
  const distinct = await Promise.all(
    Array.from({ length: Math.min(count, 20) }, (_, seed) =>
      fixtures.photo({ width: 880, height: 660, seed, format: 'jpeg' }),
    ),
  )
  const stored: Stored[] = []
  for (let i = 0; i < count; i++) {
    const bytes = distinct[i % distinct.length] ?? Buffer.alloc(0)
    const name = `photo-${String(i).padStart(5, '0')}.jpg`
    await writeFile(join(folder, name), bytes)
    const key = `in/${name}`
    const { etag } = await objects.put(key, Readable.from([bytes]), { size: bytes.length })
    stored.push({ key, size: bytes.length, etag })
  }
  return stored
}

/** A worker on a topic of its own, and a way to have it do a list of tasks. */
async function startLane(plane: DataPlane, slots: number, { isChunks }: { isChunks: boolean }) {
  const { broker, bucket, addresses } = plane
  const topic = `bench.${randomUUID().slice(0, 8)}`
  await broker.ensureTopic(topic, { partitions: 4 })
  for (const fixed of [reportTopic, deadLetterTopic]) await broker.ensureTopic(fixed, { partitions: 1 })
  const source = isChunks ? ['--source-bucket', bucket, '--source-endpoint', addresses.s3.endpoint] : []
  const worker = await plane.startWorker([
    '--topic',
    topic,
    '--group',
    topic,
    '--slots',
    String(slots),
    ...source,
  ])
  return {
    drain: async (tasksOf: (run: string) => OutgoingRecord[]): Promise<Drained> => {
      const run = `run-${randomUUID()}`
      const records = tasksOf(run)
      const outcomes = await followOutcomes(plane, run, records.length)
      const compressingBefore = await compressingSeconds(worker)
      const cpuBefore = cpuSeconds(worker.pid)
      const started = performance.now()
      await broker.produce(topic, records)
      await outcomes.all
      const seconds = (performance.now() - started) / 1000
      const cpu = cpuSeconds(worker.pid) - cpuBefore
      await outcomes.stop()
      const compressing = (await compressingSeconds(worker)) - compressingBefore
      return {
        cpuSeconds: cpu,
        seconds,
        busy: compressing / (seconds * slots),
        rssBytes: rssBytes(worker.pid),
      }
    },
  }
}

/** `all` resolves when all tasks of a run have ended well. */
async function followOutcomes({ broker }: DataPlane, run: string, tasks: number) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const open = new Set<string>()
  const consumer = await broker.consumeBatches({
    topic: reportTopic,
    group: `bench.${run}`,
    maxBatch: 500,
    onCrash: reject,
    handle: async (records) => {
      for (const { value } of records) {
        const report = parseReport(value)
        if (report.batchId !== run) continue
        const failed = isChunkReport(report)
          ? report.kind === 'chunk.outcome' && report.counts.failed > 0
          : report.kind === 'failed' || report.kind === 'retry'
        if (failed) reject(new Error(`a task did not end well: ${value}`))
        if (report.kind === 'completed' || report.kind === 'chunk.outcome') open.add(report.taskId)
        if (open.size === tasks) resolve()
      }
    },
  })
  return { all: promise, stop: () => consumer.stop({ graceMs: 0 }) }
}

async function compressingSeconds({ url }: Service): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const sums = [...text.matchAll(/^kompressor_compression_seconds_sum\{[^}]*\} (\S+)$/gm)]
  return sums.reduce((sum, [, value]) => sum + Number(value), 0)
}
