import { mkdir, stat, writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fixtures } from '../../test/fixtures/index.ts'
import { eventually, job, lagOf, sha256, taskOf, tenantId, useParts } from '../../test/support/parts.ts'
import { type Compressor, createCompressor, defaultLimits, defaultOptions } from '../codec/index.ts'
import { KompressorError } from '../errors/index.ts'
import { deadLetterTopic, parseReport, type Report, reportTopic } from '../messages/index.ts'
import { cancelFile, deleteFile, type FileRow, isUnwanted } from '../store/index.ts'
import { startWorker, type Worker, type WorkerOptions } from './index.ts'

const parts = useParts()
let compressor: Compressor
const crashes: Error[] = []
let workers: Worker[] = []

beforeAll(() => {
  compressor = createCompressor({ slots: 1 })
})
afterAll(() => compressor.close())
afterEach(async () => {
  for (const worker of workers) await worker.stop({ graceMs: 0 })
  workers = []
  crashes.length = 0
})

async function work(options: Partial<WorkerOptions> = {}): Promise<Worker> {
  const { broker, objects, deps, store } = parts
  const worker = await startWorker({
    ...deps,
    broker,
    objects,
    compressor,
    topic: job.topic,
    group: job.group,
    control: { isUnwanted: (work) => isUnwanted(store.db, work) },
    limits: defaultLimits,
    scratchDir: parts.scratch(),
    name: 'tester',
    onCrash: (error) => crashes.push(error),
    ...options,
  })
  workers.push(worker)
  return worker
}

const publish = (...files: FileRow[]) =>
  parts.broker.produce(
    job.topic,
    files.map((file) => ({ key: file.id, value: JSON.stringify(taskOf(file)) })),
  )
const idle = () => eventually(() => lagOf(parts.broker, job.group, job.topic)).toBe(0)
async function reportsOf(file: FileRow): Promise<Report[]> {
  const reports = (await parts.records(reportTopic)).map(({ value }) => parseReport(value))
  return reports.filter((report): report is Report => 'fileId' in report && report.fileId === file.id)
}

/** Does the files' work and returns what was reported of the first. */
async function reportsAfterWork(...files: [FileRow, ...FileRow[]]): Promise<Report[]> {
  await publish(...files)
  await work()
  await idle()
  expect(await parts.scratchFiles()).toEqual([])
  expect(crashes).toEqual([])
  return reportsOf(files[0])
}

/** A compressor whose files take until their signal fires, or until `finish` is called. */
function slowCompressor() {
  const running: AbortSignal[] = []
  const released = Promise.withResolvers<void>()
  const slow: Compressor = {
    ...compressor,
    slots: 1,
    stats: () => compressor.stats(),
    close: () => compressor.close(),
    async compress(request, { signal = AbortSignal.any([]), onStart, ...options } = {}) {
      await onStart?.()
      running.push(signal)
      const aborted = Promise.withResolvers<never>()
      signal.addEventListener('abort', () => aborted.reject(new KompressorError('cancelled', request.name)))
      await Promise.race([aborted.promise, released.promise])
      return compressor.compress(request, { signal, ...options })
    },
  }
  return { slow, running, finish: released.resolve }
}

function failing(error: KompressorError): Compressor {
  return {
    slots: 1,
    stats: () => compressor.stats(),
    close: () => compressor.close(),
    async compress(_, { onStart } = {}) {
      await onStart?.()
      throw error
    },
  }
}

describe('a worker', () => {
  test('stores the output under the identity of the work, says what it did and leaves nothing behind', async () => {
    const bytes = await fixtures.photo({ width: 320, height: 240 })
    const file = await parts.submit(bytes, { name: 'photo.jpg' })
    const [started, outcome] = await reportsAfterWork(file)
    expect(started).toMatchObject({ kind: 'started', seq: 0, worker: 'tester', attempt: 1 })
    if (outcome?.kind !== 'completed') throw new Error(`it reported ${JSON.stringify(outcome)}`)
    expect(outcome.result).toMatchObject({ outcome: 'compressed', bytesIn: bytes.length, type: 'image/jpeg' })
    const [output] = outcome.result.outputs
    expect(output?.key).toMatch(new RegExp(`^out/${tenantId}/${file.id}/[0-9a-f]{16,}$`))
    const { info, body } = await parts.objects.get(output?.key ?? '')
    const stored = Buffer.concat(await body.toArray())
    expect(sha256(stored)).toBe(output?.sha256)
    expect(stored.length).toBe(output?.bytes)
    expect(info.attributes).toMatchObject({
      contentType: 'image/jpeg',
      metadata: { sha256: output?.sha256, 'kompressor-identity': output?.key.split('/').at(-1) },
    })
    expect(await parts.keys()).toEqual([file.uploadKey, output?.key])
  })

  test('writes the same object when it does the same work twice', async () => {
    const file = await parts.submit(fixtures.log(), { name: 'a.log' })
    const reports = await reportsAfterWork(file, file)
    const results = reports.flatMap((r) => (r.kind === 'completed' ? [r.result.outputs] : []))
    expect(results).toHaveLength(2)
    expect(results[0]).toEqual(results[1])
    expect(await parts.keys('out/')).toEqual([results[0]?.[0]?.key])
  })

  test('points to the upload when the original is kept', async () => {
    const file = await parts.submit(fixtures.incompressible(), { name: 'noise.bin' })
    const outcome = (await reportsAfterWork(file)).at(-1)
    expect(outcome).toMatchObject({
      kind: 'completed',
      result: { outcome: 'kept_original', outputs: [{ key: file.uploadKey, sha256: file.sha256 }] },
    })
    expect(await parts.keys()).toEqual([file.uploadKey])
  })

  test.each([
    ['size_mismatch', { size: 3 }],
    ['checksum_mismatch', { sha256: 'f'.repeat(64) }],
  ])('fails a file that was declared otherwise: %s', async (code, declared) => {
    const file = await parts.submit(fixtures.log(), declared)
    expect(await reportsAfterWork(file)).toMatchObject([{ kind: 'failed', error: { code } }])
  })

  test('fails a file whose bytes are gone', async () => {
    const file = await parts.queue('gone')
    expect(await reportsAfterWork(file)).toMatchObject([{ kind: 'failed', error: { code: 'input_missing' } }])
  })

  test('fails a broken file with what is wrong with it', async () => {
    const file = await parts.submit(fixtures.truncated(await fixtures.photo()), { name: 'half.jpg' })
    const outcome = (await reportsAfterWork(file)).at(-1)
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'truncated_input' } })
    expect(await parts.keys()).toEqual([file.uploadKey])
  })

  test('does not count an attempt that failed for want of room in the store', async () => {
    const file = await parts.submit(fixtures.log())
    await publish(file)
    await work({ compressor: failing(new KompressorError('storage_full', 'no space left')) })
    await idle()
    expect((await reportsOf(file)).at(-1)).toMatchObject({ kind: 'retry', countsAttempt: false })
  })

  test('asks for another attempt after an error that may pass', async () => {
    const file = await parts.submit(fixtures.log())
    await publish(file)
    await work({ compressor: failing(new KompressorError('codec_crashed', 'it died')) })
    await idle()
    expect(await reportsOf(file)).toMatchObject([
      { kind: 'started', seq: 0 },
      {
        kind: 'retry',
        seq: 1,
        attempt: 1,
        countsAttempt: true,
        error: { code: 'codec_crashed', message: 'it died' },
      },
    ])
    expect(await parts.scratchFiles()).toEqual([])
  })

  test.each(['storage_throttled', 'replica_unavailable'] as const)(
    'gives back the attempt after %s, which says nothing of the file',
    async (code) => {
      const file = await parts.submit(fixtures.log())
      await publish(file)
      await work({ compressor: failing(new KompressorError(code, 'not now')) })
      await idle()
      expect((await reportsOf(file)).at(-1)).toMatchObject({
        kind: 'retry',
        countsAttempt: false,
        error: { code },
      })
    },
  )

  test('sends a record it cannot read to the dead-letter topic and does the next', async () => {
    await parts.broker.produce(job.topic, [{ key: 'k', partition: 0, value: 'not a task' }])
    const file = await parts.submit(fixtures.log())
    expect((await reportsAfterWork(file)).at(-1)?.kind).toBe('completed')
    expect(await parts.records(deadLetterTopic)).toMatchObject([
      { key: 'k', value: 'not a task', headers: { 'kompressor-source': job.topic } },
    ])
  })

  test('sends a task of a version it does not know to the dead-letter topic, as it is, and does the next', async () => {
    const newer = await parts.submit(fixtures.log())
    const headers = { ce_type: 'dev.kompressor.task.v2', ce_id: 'kept' }
    const value = JSON.stringify(taskOf(newer))
    await parts.broker.produce(job.topic, [{ key: 'k', partition: 0, value, headers }])
    const file = await parts.submit(fixtures.log())
    expect((await reportsAfterWork(file)).at(-1)?.kind).toBe('completed')
    expect(await parts.records(deadLetterTopic)).toMatchObject([
      { key: 'k', value, headers: { ...headers, 'kompressor-source': job.topic } },
    ])
    for (const { headers: said } of await parts.records(reportTopic)) {
      expect(said).toMatchObject({
        ce_type: 'dev.kompressor.report.v1',
        ce_source: expect.stringContaining('/jobs/default/workers/'),
      })
    }
  })

  test('gives up a file that was started three times and never ended', async () => {
    const file = await parts.submit(fixtures.log(), { name: 'killer.log' })
    await publish(file)
    for (const life of [0, 1, 2]) {
      const started = Promise.withResolvers<number>()
      const consumer = await parts.broker.consumeEach({
        topic: job.topic,
        group: job.group,
        concurrency: 1,
        onCrash: () => undefined,
        handle: async (delivery) => {
          await delivery.start()
          started.resolve(delivery.previousStarts)
          throw new Error('the process dies here')
        },
      })
      expect(await started.promise).toBe(life)
      await consumer.stop({ graceMs: 0 })
      await parts.reopenBroker()
    }
    await work()
    await idle()
    expect(await reportsOf(file)).toMatchObject([{ kind: 'failed', seq: 1, error: { code: 'poison' } }])
  })

  test('does not begin what was cancelled or deleted', async () => {
    const [cancelled, deleted] = [await parts.submit(fixtures.log()), await parts.submit(fixtures.log())]
    await cancelFile(parts.store.db, { tenantId, fileId: cancelled.id, now: parts.now() })
    await deleteFile(parts.store.db, { tenantId, fileId: deleted.id, now: parts.now() })
    expect(await reportsAfterWork(cancelled, deleted)).toEqual([])
    expect(await parts.records(reportTopic)).toEqual([])
  })

  test.each([
    ['cancelled', cancelFile],
    ['deleted', deleteFile],
  ])('stops the child of a file that is %s and says no more about it', async (_, end) => {
    const file = await parts.submit(await fixtures.photo({ width: 4000, height: 3000 }), { name: 'big.jpg' })
    // Much more work than the test may take.
    const options = { ...defaultOptions, images: { format: 'AVIF', preset: 'Small' } }
    const task = { ...taskOf(file), options }
    await parts.broker.produce(job.topic, [{ value: JSON.stringify(task) }])
    await work({ controlIntervalMs: 25 })
    await eventually(async () => (await reportsOf(file)).length).toBe(1)
    const before = compressor.stats().starts.killed
    await end(parts.store.db, { tenantId, fileId: file.id, now: parts.now() })
    await idle()
    expect((await reportsOf(file)).map((r) => r.kind)).toEqual(['started'])
    expect(crashes).toEqual([])
    await eventually(() => compressor.stats().starts.killed).toBe(before + 1)
    expect(await parts.scratchFiles()).toEqual([])
    expect(await parts.keys('out/')).toEqual([])
  })

  test('leaves a file it was stopped at for the next worker', async () => {
    const file = await parts.submit(fixtures.log())
    await publish(file)
    const { slow, running } = slowCompressor()
    const worker = await work({ compressor: slow })
    await eventually(() => running.length).toBe(1)
    // A file that takes its time is announced without its outcome.
    await eventually(async () => (await reportsOf(file)).map((r) => r.kind)).toEqual(['started'])
    await worker.stop({ graceMs: 0 })
    expect(running[0]?.aborted).toBe(true)
    expect(await lagOf(parts.broker, job.group, job.topic)).toBe(1)
    expect(await parts.scratchFiles()).toEqual([])
    await work()
    await idle()
    expect((await reportsOf(file)).map((r) => r.kind)).toEqual(['started', 'started', 'completed'])
  })

  test('gives a file in hand its time when it is stopped', async () => {
    const file = await parts.submit(fixtures.log())
    await publish(file)
    const { slow, running, finish } = slowCompressor()
    const worker = await work({ compressor: slow })
    await eventually(() => running.length).toBe(1)
    const stopped = worker.stop({ graceMs: 20_000 })
    finish()
    await stopped
    expect((await reportsOf(file)).map((r) => r.kind)).toEqual(['started', 'completed'])
    expect(await lagOf(parts.broker, job.group, job.topic)).toBe(0)
  })

  test('crashes when it cannot report, and the record comes again', async () => {
    const file = await parts.submit(fixtures.log())
    await publish(file)
    const real = parts.broker
    const deaf = {
      ...real,
      produce: () => Promise.reject(new KompressorError('broker_unavailable', 'the topic is away')),
    }
    const worker = await work({ broker: deaf })
    await eventually(() => crashes.map((error) => error.message)).toEqual(['the topic is away'])
    await worker.stop({ graceMs: 0 })
    expect(await lagOf(real, job.group, job.topic)).toBe(1)
    await work()
    await idle()
    expect((await reportsOf(file)).at(-1)?.kind).toBe('completed')
  })

  test('clears its scratch folder of what a dead process left', async () => {
    const first = await work()
    await first.stop()
    await mkdir(`${parts.scratch()}/task-old`)
    await writeFile(`${parts.scratch()}/task-old/input`, 'x')
    await work()
    expect(await parts.scratchFiles()).toEqual([])
    expect((await stat(parts.scratch())).isDirectory()).toBe(true)
  })
})
