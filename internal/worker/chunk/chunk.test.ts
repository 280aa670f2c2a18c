import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixtures } from '../../../test/fixtures/index.ts'
import { chunkJob, chunkTask, newChunkJob, outputRules, planChunks } from '../../../test/support/chunks.ts'
import { eventually, lagOf, tenantId, useParts } from '../../../test/support/parts.ts'
import { type Compressor, createCompressor, defaultLimits, defaultOptions } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import { type LedgerLine, partKey, readPart } from '../../ledger/index.ts'
import {
  type ChunkObject,
  type ChunkReport,
  type ChunkTask,
  isChunkReport,
  parseReport,
  reportTopic,
} from '../../messages/index.ts'
import {
  createFsObjectStore,
  type FsObjectStore,
  type ObjectStore,
  type PutOptions,
} from '../../objects/index.ts'
import { cancelBatch, isUnwanted } from '../../store/index.ts'
import { startWorker, type Worker, type WorkerOptions } from '../index.ts'

const parts = useParts()
let compressor: Compressor
let output: FsObjectStore
let workers: Worker[] = []
const crashes: Error[] = []

beforeAll(() => {
  compressor = createCompressor({ slots: 2 })
})
afterAll(() => compressor.close())

beforeEach(async () => {
  await parts.broker.ensureTopic(chunkJob.topic, { partitions: 2 })
  await newChunkJob(parts.store)
  output = await createFsObjectStore({
    root: join(parts.folder, 'output'),
    durable: false,
    secret: 'a secret of these tests',
    publicUrl: () => 'http://localhost',
  })
  crashes.length = 0
})
afterEach(async () => {
  await stopAll()
  await output.close()
})

async function stopAll(): Promise<void> {
  for (const worker of workers) await worker.stop({ graceMs: 0 })
  workers = []
}

async function work(options: Partial<WorkerOptions> = {}): Promise<Worker> {
  const { broker, objects, deps, store } = parts
  const worker = await startWorker({
    ...deps,
    broker,
    objects,
    compressor,
    topic: chunkJob.topic,
    group: chunkJob.group,
    job: { source: objects, output },
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

const publish = (...tasks: ChunkTask[]) =>
  parts.broker.produce(
    chunkJob.topic,
    tasks.map((task) => ({ key: task.taskId, value: JSON.stringify(task) })),
  )
const idle = () => eventually(() => lagOf(parts.broker, chunkJob.group, chunkJob.topic)).toBe(0)

/** Does the chunks' work with one worker, and returns what it reported. */
async function outcomes(tasks: ChunkTask[], options: Partial<WorkerOptions> = {}) {
  await publish(...tasks)
  await work(options)
  await idle()
  await stopAll()
  expect(crashes).toEqual([])
  expect(await parts.scratchFiles()).toEqual([])
  return (await reports()).flatMap((report) => (report.kind === 'chunk.progress' ? [] : [report]))
}

async function reports(): Promise<ChunkReport[]> {
  return (await parts.records(reportTopic)).map(({ value }) => parseReport(value)).filter(isChunkReport)
}

async function source(name: string, bytes: Buffer, options: PutOptions = {}): Promise<ChunkObject> {
  const key = `photos/${name}`
  const { etag } = await parts.objects.put(key, Readable.from([bytes]), options)
  return { key, size: bytes.length, etag }
}

async function ledger(task: ChunkTask): Promise<LedgerLine[]> {
  return (await readPart(output, partKey(task.ledger, task))) ?? []
}

async function outputs(): Promise<string[]> {
  return (await output.list({ prefix: 'web/' })).items.map(({ key }) => key)
}

/** The real compressor, counting, failing for some names. */
function spied(fail: (name: string) => KompressorError | undefined = () => undefined) {
  const names: string[] = []
  const spy: Compressor = {
    slots: 2,
    stats: () => compressor.stats(),
    close: () => compressor.close(),
    async compress(request, options = {}) {
      names.push(request.name)
      const error = fail(request.name)
      if (error === undefined) return compressor.compress(request, options)
      await options.onStart?.()
      throw error
    },
  }
  return { spy, names }
}

/** A store whose operations can be put out of order. */
function faulty(store: ObjectStore, faults: Partial<ObjectStore>): ObjectStore {
  return new Proxy(store, {
    get: (target, name) => {
      const from = name in faults ? faults : target
      const member: unknown = Reflect.get(from, name)
      return typeof member === 'function' ? member.bind(from) : member
    },
  })
}

describe('a worker with a chunk', () => {
  test('compresses every object, keeps what they carry and writes one ledger part before it reports', async () => {
    const photo = await source('2024/a.jpg', await fixtures.photo({ width: 320, height: 240 }), {
      attributes: {
        contentType: 'application/octet-stream',
        cacheControl: 'max-age=60',
        contentDisposition: 'inline',
        metadata: { owner: 'ann' },
        tags: { team: 'web' },
      },
    })
    const log = await source('app.log', fixtures.log())
    const noise = await source('noise.bin', fixtures.incompressible())
    const task = chunkTask([photo, log, noise])
    const [report, ...more] = await outcomes([task])
    expect(more).toEqual([])
    expect(report).toMatchObject({
      kind: 'chunk.outcome',
      taskId: 'chunk-1',
      attempt: 1,
      counts: { compressed: 2, kept: 1, failed: 0, skipped: 0, cancelled: 0 },
      failures: [],
      retry: { failed: [], throttled: [] },
      ledger: partKey(task.ledger, task),
    })
    expect(await outputs()).toEqual(['web/2024/a.jpg', 'web/app.log.zst', 'web/noise.bin'])
    const { attributes, size } = (await output.head('web/2024/a.jpg')) ?? { attributes: {}, size: 0 }
    const lines = await ledger(task)
    expect(attributes).toMatchObject({
      contentType: 'image/jpeg',
      cacheControl: 'max-age=60',
      contentDisposition: 'inline',
      tags: { team: 'web' },
      metadata: { owner: 'ann', 'kompressor-job': chunkJob.uid, 'kompressor-identity': lines[0]?.identity },
    })
    expect(lines).toMatchObject(
      [
        {
          outcome: 'compressed',
          type: 'image/jpeg',
          source: { ...photo, bytes: photo.size },
          output: { key: 'web/2024/a.jpg', bytes: size, type: 'image/jpeg' },
        },
        { outcome: 'compressed', output: { key: 'web/app.log.zst', type: 'application/zstd' } },
        {
          outcome: 'kept_original',
          reason: 'already_compressed',
          output: { key: 'web/noise.bin', bytes: noise.size },
        },
      ].map((line) => ({
        ...line,
        ...('source' in line && { source: { key: photo.key, etag: photo.etag, bytes: photo.size } }),
      })),
    )
    if (report?.kind !== 'chunk.outcome') throw new Error('an outcome')
    expect(report.counts.bytesOut).toBe(
      lines.reduce((sum, l) => sum + ('output' in l ? (l.output?.bytes ?? 0) : 0), 0),
    )
    expect(report.efforts.map(({ type, files }) => [type, files])).toContainEqual(['image/jpeg', 1])
  })

  test('asks the output about all its objects at once, not about each', async () => {
    const files = await Promise.all(
      Array.from({ length: 16 }, (_, i) => source(`${i}.log`, fixtures.incompressible())),
    )
    const asked: string[] = []
    const counting = faulty(output, {
      head(key) {
        asked.push(key)
        return output.head(key)
      },
    })
    const [report] = await outcomes([chunkTask(files)], { job: { source: parts.objects, output: counting } })
    expect(report).toMatchObject({ counts: { kept: 16 } })
    expect(asked).toEqual([])
  })

  test('that was done before reports what its ledger says and does nothing', async () => {
    const task = chunkTask([await source('app.log', fixtures.log())])
    const [first] = await outcomes([task])
    const { spy, names } = spied()
    const all = await outcomes([task], { compressor: spy })
    expect(all).toHaveLength(2)
    expect({ ...all[1], at: '' }).toEqual({ ...first, at: '' })
    expect(names).toEqual([])
  })

  test('that died before its ledger finds what it had done', async () => {
    const [a, b] = [await source('a.log', fixtures.log()), await source('b.log', fixtures.log())]
    await outcomes([chunkTask([a], { taskId: 'before' })])
    const { spy, names } = spied()
    const task = chunkTask([a, b])
    const [, report] = await outcomes([task], { compressor: spy })
    expect(report).toMatchObject({ counts: { compressed: 2 } })
    expect(names).toEqual(['b.log'])
    expect(await ledger(task)).toMatchObject([{ earlier: true, cpuMs: 0 }, { outcome: 'compressed' }])
  })

  test('fails what is broken, and asks again only for what may yet succeed', async () => {
    const good = await source('good.log', fixtures.log())
    const broken = await source('broken.jpg', fixtures.truncated(await fixtures.photo()))
    const shaky = await source('shaky.log', fixtures.log())
    const gone = { key: 'photos/gone.png', size: 5, etag: 'e' }
    const { spy } = spied((name) =>
      name === 'shaky.log' ? new KompressorError('codec_crashed', 'it died') : undefined,
    )
    const task = chunkTask([good, broken, shaky, gone])
    const last = { ...task, taskId: 'chunk-2', attemptsLeft: 1 }
    const all = await outcomes([task, last], { compressor: spy })
    expect(all.find(({ taskId }) => taskId === 'chunk-1')).toMatchObject({
      counts: { compressed: 1, failed: 2 },
      failures: [
        { code: 'truncated_input', count: 1, example: { key: 'photos/broken.jpg' } },
        { code: 'input_missing', count: 1, example: { key: 'photos/gone.png' } },
      ],
      retry: { failed: [2], throttled: [], codes: [{ code: 'codec_crashed', count: 1 }] },
    })
    expect(all.find(({ taskId }) => taskId === 'chunk-2')).toMatchObject({
      counts: { failed: 3 },
      retry: { failed: [] },
    })
    expect((await ledger(task)).map(({ outcome }) => outcome)).toEqual([
      'compressed',
      'failed',
      'retry',
      'failed',
    ])
  })

  test.each(['Skip', 'Overwrite'] as const)('meets somebody else’s object: %s', async (onExisting) => {
    const file = await source('app.log', fixtures.log())
    await output.put('web/app.log.zst', Readable.from(['theirs']))
    const task = chunkTask([file], { output: { ...outputRules, onExisting } })
    await outcomes([task])
    const [line] = await ledger(task)
    const info = await output.head('web/app.log.zst')
    if (onExisting === 'Skip') expect(line).toMatchObject({ outcome: 'skipped', reason: 'output_exists' })
    else expect(line).toMatchObject({ outcome: 'compressed', output: { etag: info?.etag } })
    expect(info?.size === 6).toBe(onExisting === 'Skip')
  })

  test('does not let two files have one output, whatever the template says', async () => {
    const files = [await source('x/a.log', fixtures.log()), await source('y/a.log', fixtures.log())]
    const task = chunkTask(files, { output: { ...outputRules, keyTemplate: '{file}{newext}' } })
    const [report] = await outcomes([task])
    expect(report).toMatchObject({
      counts: { compressed: 1, failed: 1 },
      failures: [{ code: 'output_conflict', count: 1 }],
    })
    const done = (await ledger(task)).find(({ outcome }) => outcome === 'compressed')
    const info = await output.head('web/a.log.zst')
    expect(info?.attributes.metadata?.['kompressor-identity']).toBe(done?.identity)
  })

  test.each([
    ['honours conditions on writes', 'Overwrite', (store: ObjectStore) => store],
    [
      'ignores them',
      'Skip',
      (store: ObjectStore) =>
        faulty(store, {
          putFile: (key, path, { ifAbsent: _, ...options } = {}) => store.putFile(key, path, options),
          put: (key, body, { ifAbsent: _, ...options } = {}) => store.put(key, body, options),
        }),
    ],
  ] as const)(
    'leaves a name to the file that has it where the store %s, and does not append it to another: %s',
    async (_, onExisting, ends) => {
      const log = await source('a.log', fixtures.log())
      const packed = await source('a.log.zst', fixtures.incompressible())
      const task = chunkTask([log, packed], { output: { ...outputRules, onExisting } })
      await outcomes([task], { job: { source: parts.objects, output: ends(output) } })
      expect(await ledger(task)).toMatchObject([
        { outcome: 'failed', error: { code: 'output_conflict' } },
        { outcome: 'kept_original', output: { key: 'web/a.log.zst', bytes: packed.size } },
      ])
      expect(await output.head('web/a.log.zst')).toMatchObject({ size: packed.size })
    },
  )

  test('asks for it to be divided when three workers died over it', async () => {
    const task = chunkTask([await source('a.log', fixtures.log()), await source('b.log', fixtures.log())])
    const single = chunkTask([await source('c.log', fixtures.log())], { taskId: 'single' })
    await publish(task, single)
    for (const life of [0, 1, 2]) {
      let begun = 0
      const both = Promise.withResolvers<void>()
      const consumer = await parts.broker.consumeEach({
        topic: chunkJob.topic,
        group: chunkJob.group,
        concurrency: 2,
        onCrash: () => undefined,
        handle: async (delivery) => {
          expect(delivery.previousStarts).toBe(life)
          await delivery.start()
          begun += 1
          if (begun === 2) both.resolve()
          await both.promise
          throw new Error('the process dies here')
        },
      })
      await both.promise
      await consumer.stop({ graceMs: 0 })
      await parts.reopenBroker()
    }
    await work()
    await idle()
    expect(await reports()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'chunk.split', taskId: 'chunk-1', starts: 3 }),
        expect.objectContaining({
          kind: 'chunk.outcome',
          taskId: 'single',
          failures: [expect.objectContaining({ code: 'poison' })],
        }),
      ]),
    )
    expect(await outputs()).toEqual([])
  })

  test('stops when its batch is cancelled, and says what was done until then', async () => {
    const quick = await source('quick.log', fixtures.log())
    const slow = await source('slow.jpg', await fixtures.photo({ width: 4000, height: 3000 }))
    await planChunks(parts.store, [[quick, slow]], parts.now())
    // Much more work than the test may take.
    const options = {
      ...defaultOptions,
      images: { format: 'AVIF', preset: 'Small', minScore: 65, metadata: 'Keep' },
    } as const
    const task = chunkTask([quick, slow], { options })
    await publish(task)
    await work({ controlIntervalMs: 25 })
    await eventually(outputs).toHaveLength(1)
    await cancelBatch(parts.store.db, { tenantId, batchId: chunkJob.batchId, now: parts.now() })
    await idle()
    expect(crashes).toEqual([])
    expect((await ledger(task)).map(({ outcome }) => outcome)).toEqual(['compressed', 'cancelled'])
    expect((await reports()).at(-1)).toMatchObject({
      kind: 'chunk.outcome',
      counts: { compressed: 1, cancelled: 1 },
    })
    await stopAll()
    expect(await outcomes([{ ...task, taskId: 'later' }])).toHaveLength(1)
  })

  test('waits for the store of its ledger instead of doing the work again', async () => {
    const task = chunkTask([await source('a.log', fixtures.log())])
    let refusals = 0
    const away = faulty(output, {
      put: (key, body, options) => {
        if (!key.includes('/ledger/') || refusals >= 2) return output.put(key, body, options)
        refusals += 1
        return Promise.reject(new KompressorError('storage_unavailable', 'away'))
      },
    })
    const { spy, names } = spied()
    const [report] = await outcomes([task], { compressor: spy, job: { source: parts.objects, output: away } })
    expect(report).toMatchObject({ counts: { compressed: 1 } })
    expect([refusals, names]).toEqual([2, ['a.log']])
  })

  test('keeps all slots busy over the end of a chunk', async () => {
    const gate = Promise.withResolvers<void>()
    const running: string[] = []
    const held: Compressor = {
      ...compressor,
      slots: 2,
      stats: () => compressor.stats(),
      close: () => compressor.close(),
      async compress(request, options) {
        running.push(request.name)
        await gate.promise
        return compressor.compress(request, options)
      },
    }
    const first = chunkTask([await source('a.log', fixtures.log()), await source('b.log', fixtures.log())])
    const second = chunkTask(
      await Promise.all(['c', 'd', 'e', 'f'].map((name) => source(`${name}.log`, fixtures.log()))),
      { taskId: 'chunk-2' },
    )
    await parts.broker.produce(
      chunkJob.topic,
      [first, second].map((task) => ({ partition: 0, value: JSON.stringify(task) })),
    )
    await work({ compressor: held })
    // Two slots and two more fetched, whichever chunk they are of, and no more than that.
    await eventually(() => running.toSorted()).toEqual(['a.log', 'b.log', 'c.log', 'd.log'])
    gate.resolve()
    await idle()
    expect(
      (await reports()).flatMap((r) => (r.kind === 'chunk.outcome' ? [r.counts.compressed] : [])).sort(),
    ).toEqual([2, 4])
  })

  test('says how far it is while it works', async () => {
    const gate = Promise.withResolvers<void>()
    const { spy } = spied()
    const held: Compressor = {
      ...spy,
      async compress(request, options) {
        if (request.name === 'slow.log') {
          await options?.onStart?.()
          await gate.promise
        }
        return compressor.compress(request, options)
      },
    }
    const task = chunkTask([await source('a.log', fixtures.log()), await source('slow.log', fixtures.log())])
    await publish(task)
    await work({ compressor: held })
    await eventually(async () =>
      (await reports()).some((r) => r.kind === 'chunk.progress' && r.counts.compressed === 1),
    ).toBe(true)
    gate.resolve()
    await idle()
    expect((await reports()).at(-1)).toMatchObject({ kind: 'chunk.outcome', counts: { compressed: 2 } })
  })
})
