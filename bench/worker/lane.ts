import { randomUUID } from 'node:crypto'
import type { OutgoingRecord } from '../../internal/broker/index.ts'
import { deadLetterTopic, isChunkReport, parseReport, reportTopic } from '../../internal/messages/index.ts'
import type { Service } from '../../test/support/service.ts'
import type { DataPlane } from '../support/data-plane.ts'
import { cpuSeconds, rssBytes } from '../support/process-stats.ts'

/** What it took a worker to do a list of tasks. */
export interface Drained {
  cpuSeconds: number
  seconds: number
  /** The share of the slots' time in which a child was at work, 0 to 1. */
  busy: number
  rssBytes: number
}

/** A worker on a topic of its own, and a way to have it do a list of tasks. */
export async function startLane(plane: DataPlane, slots: number, { isChunks }: { isChunks: boolean }) {
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
    pid: worker.pid,
    drain: async (tasksOf: (run: string) => OutgoingRecord[]): Promise<Drained> => {
      const run = `run-${randomUUID()}`
      const records = tasksOf(run)
      const outcomes = await followOutcomes(plane, run, records.length)
      const busyBefore = await busySeconds(worker)
      const cpuBefore = cpuSeconds(worker.pid)
      const started = performance.now()
      await broker.produce(topic, records)
      await outcomes.all
      const seconds = (performance.now() - started) / 1000
      const cpu = cpuSeconds(worker.pid) - cpuBefore
      await outcomes.stop()
      const busy = (await busySeconds(worker)) - busyBefore
      return {
        cpuSeconds: cpu,
        seconds,
        busy: busy / (seconds * slots),
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

async function busySeconds({ url }: Service): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const [, seconds] = /^kompressor_pool_busy_seconds_total (\S+)$/m.exec(text) ?? []
  if (seconds === undefined) throw new Error('the worker does not say how long its children were at work')
  return Number(seconds)
}
