import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixtures } from '../../test/fixtures/index.ts'
import { type Compressor, createCompressor, defaultLimits, defaultOptions } from '../codec/index.ts'
import { createFetcher } from '../fetch/index.ts'
import { type LedgerLine, toCsv } from '../ledger/index.ts'
import { createFsObjectStore, type FsObjectStore } from '../objects/index.ts'
import { defaultKeyTemplate } from '../outputs/index.ts'
import { createWebSource, sourceFilterSchema } from '../source/index.ts'
import { createLogger, createMetrics, startTracing } from '../telemetry/index.ts'
import { type LocalJob, type LocalOutcome, type LocalProgress, runLocalJob } from './index.ts'

let folder: string
let source: FsObjectStore
let output: FsObjectStore
let compressor: Compressor
const lines: LedgerLine[] = []

beforeAll(() => {
  compressor = createCompressor({ slots: 2 })
})
afterAll(() => compressor.close())

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-local-'))
  const open = (name: string) =>
    createFsObjectStore({
      root: join(folder, name),
      durable: false,
      secret: 'a secret of these tests',
      publicUrl: () => 'http://localhost',
    })
  source = await open('source')
  output = await open('output')
})
afterEach(async () => {
  await source.close()
  await output.close()
  await rm(folder, { recursive: true })
})

interface Run {
  outcome: LocalOutcome
  progress: LocalProgress[]
}

async function run(
  overrides: Partial<LocalJob> & { onLook?: (progress: LocalProgress) => void } = {},
): Promise<Run> {
  const { tracer } = await startTracing({ serviceName: 'test', env: {}, onError: () => undefined })
  const progress: LocalProgress[] = []
  const { onLook, ...rest } = overrides
  const outcome = await runLocalJob({
    name: 'photos',
    source: {
      bucket: 'b',
      prefix: 'in/',
      store: source,
      files: source,
      reads: { kind: 'prefix', filter: sourceFilterSchema.parse({ exclude: ['**/*.tmp'] }) },
    },
    output: {
      prefix: 'out/',
      keyTemplate: defaultKeyTemplate,
      onExisting: 'Skip',
      preserve: ['UserMetadata'],
      store: output,
    },
    options: defaultOptions,
    limits: defaultLimits,
    compressor,
    stateDir: join(folder, 'state'),
    logger: createLogger({ level: 'silent', format: 'json', destination: process.stdout }),
    metrics: createMetrics(),
    tracer,
    clock: () => new Date(),
    random: Math.random,
    stop: AbortSignal.any([]),
    onProgress: (one) => {
      progress.push(one)
      onLook?.(one)
    },
    ...rest,
  })
  lines.length = 0
  if (outcome.kind === 'completed') {
    lines.push(...outcome.ledger.lines())
    await outcome.ledger.close()
  }
  return { outcome, progress }
}

const put = (key: string, bytes: Buffer) => source.put(key, Readable.from([bytes]))
const keys = async (prefix: string) => (await output.list({ prefix })).items.map(({ key }) => key)

test('reads a prefix, writes outputs, ledger, report and index, and a second run does only what is new', async () => {
  await put('in/2024/photo.jpg', await fixtures.photo({ width: 640, height: 480 }))
  await put('in/app.log', fixtures.log())
  await put('in/broken.jpg', fixtures.truncated(await fixtures.photo()))
  await put('in/.DS_Store', Buffer.from('x'))
  await put('in/left.tmp', Buffer.from('x'))
  await put('other/no.log', fixtures.log())
  const first = await run()
  if (first.outcome.kind !== 'completed') throw new Error('it ran to its end')
  expect(first.outcome.batch).toMatchObject({
    state: 'completed',
    completed: 3,
    failed: 1,
    queued: 0,
    processing: 0,
  })
  expect(first.outcome.report).toMatchObject({
    files: { total: 3, compressed: 2, failed: 1, unfinished: 0 },
    topFailures: [{ code: 'truncated_input', count: 1, examples: [{ key: 'in/broken.jpg' }] }],
  })
  expect(first.outcome.report.coreSeconds).toBeGreaterThan(0)
  expect(await keys('out/')).toEqual(['out/2024/photo.jpg', 'out/app.log.zst'])
  expect(lines.map((line) => line.source.key)).toEqual(['in/2024/photo.jpg', 'in/app.log', 'in/broken.jpg'])
  const [header, ...rows] = [...toCsv(lines)]
  expect(header).toMatch(/^source_key,source_etag,outcome,/)
  expect(rows).toHaveLength(3)
  const { body } = await output.get(first.outcome.reportKey)
  const report = JSON.parse(Buffer.concat(await body.toArray()).toString())
  expect(report).toMatchObject({
    files: { found: 4, completed: 3, failed: 1 },
    leftOut: 1,
    settledWhileListing: [{ reason: 'junk', files: 1 }],
    ledger: { bytes: { in: first.outcome.report.bytes.in } },
  })

  await put('in/new.log', fixtures.log())
  await put('in/app.log', Buffer.concat([fixtures.log(), Buffer.from('more\n')]))
  const second = await run({ stateDir: join(folder, 'another') })
  if (second.outcome.kind !== 'completed') throw new Error('it ran to its end')
  // The photograph is done; what is new is, what failed is tried again, and what changed has an output of old.
  expect(lines.map((line) => [line.source.key, line.outcome])).toEqual([
    ['in/app.log', 'skipped'],
    ['in/broken.jpg', 'failed'],
    ['in/new.log', 'compressed'],
  ])
  expect(second.outcome.tallies).toContainEqual(
    expect.objectContaining({ kind: 'reason', name: 'done_before', files: 1 }),
  )
  expect(second.outcome.batch).toMatchObject({ completed: 4, failed: 1 })
}, 120_000)

test('goes on after an interruption, and does nothing twice', async () => {
  const names = Array.from({ length: 70 }, (_, i) => `in/${String(i).padStart(3, '0')}.log`)
  for (const name of names) await put(name, Buffer.concat([fixtures.log(), Buffer.from(name)]))
  const done: string[] = []
  const counting: Compressor = {
    slots: 2,
    stats: () => compressor.stats(),
    close: () => compressor.close(),
    compress: async (request, options) => {
      const compressed = await compressor.compress(request, options)
      done.push(request.name)
      return compressed
    },
  }
  const stop = new AbortController()
  const interrupted = await run({
    compressor: {
      ...counting,
      compress: async (request, options) => {
        const compressed = await counting.compress(request, options)
        if (done.length === 30) stop.abort()
        return compressed
      },
    },
    stop: stop.signal,
  })
  expect(interrupted.outcome.kind).toBe('interrupted')
  const resumed = await run({ compressor: counting })
  expect(resumed.outcome).toMatchObject({
    kind: 'completed',
    batch: { completed: 70, failed: 0, state: 'completed' },
  })
  expect(lines.map((line) => line.source.key)).toEqual(names)
  expect(await keys('out/')).toHaveLength(70)
  expect(done.length).toBe(70)
  expect(await readdir(join(folder, 'state', 'scratch'))).toEqual([])
}, 120_000)

describe('a list of addresses', () => {
  let server: Server
  let served: Map<string, Buffer>
  let asked: string[]
  let address: string
  const fetcher = createFetcher({ allow: ['127.0.0.1'] })

  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      asked.push(url)
      const bytes = served.get(url)
      if (bytes === undefined) response.writeHead(404).end()
      else response.end(bytes)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    asked = []
  })
  afterAll(() => {
    fetcher.close()
    server.close()
  })

  const runList = (listText: string, columns: { url: string; key?: string }, stateDir = 'state') =>
    run({
      stateDir: join(folder, stateDir),
      source: {
        bucket: '',
        prefix: '',
        reads: { kind: 'csv', name: 'a list', rules: { header: true, delimiter: ',', columns } },
        listText,
        files: createWebSource(fetcher, { maxBytes: 10_000_000, now: () => new Date() }),
      },
    })

  test('is fetched, compressed and named by its template; every line that came to nothing says why', async () => {
    served = new Map([
      ['/a/photo.jpg?v=1', await fixtures.photo({ width: 640, height: 480 })],
      ['/app.log', fixtures.log()],
      ['/same.log', fixtures.log()],
    ])
    const list = [
      'url,sku',
      `http://${address}/a/photo.jpg?v=1,chair.jpg`,
      `http://${address}/app.log,one.log`,
      `http://${address}/app.log,two.log`,
      `http://${address}/app.log,one.log`,
      `http://${address}/same.log,one.log`,
      `http://${address}/gone.log,gone.log`,
      'http://169.254.169.254/latest/meta-data,meta',
      'not an address,x',
    ].join('\n')
    const { outcome } = await runList(list, { url: 'url', key: 'sku' })
    if (outcome.kind !== 'completed') throw new Error('it ran to its end')
    expect(await keys('out/')).toEqual(['out/chair.jpg', 'out/one.log.zst', 'out/two.log.zst'])
    expect(outcome.batch).toMatchObject({ state: 'completed', completed: 4, failed: 4 })
    const told = lines.map((line) => [
      line.source.key.replace(`http://${address}`, ''),
      line.source.path,
      line.outcome === 'failed' ? line.error.code : line.outcome,
    ])
    // Which of two that want the same name gets it is a matter of who is first.
    const conflict = told.find(([, , what]) => what === 'output_conflict')
    expect(['/app.log', '/same.log']).toContain(conflict?.[0])
    expect(conflict?.[1]).toBe('one.log')
    expect(told.filter((one) => one !== conflict && one[1] !== 'one.log')).toEqual([
      ['/a/photo.jpg?v=1', 'chair.jpg', 'compressed'],
      ['/app.log', 'two.log', 'compressed'],
      ['/gone.log', 'gone.log', 'url_not_found'],
      ['http://169.254.169.254/latest/meta-data', 'meta', 'url_not_allowed'],
      ['line 9', undefined, 'bad_line'],
    ])
    expect(outcome.report).toMatchObject({ files: { total: 7, compressed: 3, failed: 4 } })
    expect(outcome.tallies).toContainEqual(
      expect.objectContaining({ kind: 'reason', name: 'duplicate', files: 1 }),
    )
  }, 120_000)

  test('is fetched again by a second run, which compresses only what has changed', async () => {
    served = new Map([
      ['/1.log', fixtures.log()],
      ['/2.log', fixtures.log()],
    ])
    const list = `url\nhttp://${address}/1.log\nhttp://${address}/2.log\n`
    await runList(list, { url: 'url' })
    expect(lines.map(({ outcome }) => outcome)).toEqual(['compressed', 'compressed'])
    served.set('/2.log', Buffer.concat([fixtures.log(), Buffer.from('more\n')]))
    const { outcome } = await runList(list, { url: 'url' }, 'another')
    expect(outcome).toMatchObject({ kind: 'completed', batch: { completed: 2, failed: 0 } })
    expect(asked).toHaveLength(4)
    expect(lines).toMatchObject([
      { outcome: 'compressed', earlier: true, cpuMs: 0 },
      { outcome: 'skipped', reason: 'output_exists' },
    ])
    expect(await keys('out/')).toEqual([`out/${address}/1.log.zst`, `out/${address}/2.log.zst`])
  }, 120_000)

  test('that lacks the column it is read by is refused', async () => {
    await expect(runList('uri\nx', { url: 'url' })).rejects.toMatchObject({ code: 'bad_list' })
  })
})

test('writes every output to its replicas, below their prefixes, and mends what one of them lost', async () => {
  const far = await createFsObjectStore({
    root: join(folder, 'far'),
    durable: false,
    secret: 'a secret of these tests',
    publicUrl: () => 'http://localhost',
  })
  await put('in/a.log', fixtures.log())
  await put('in/b.log', Buffer.concat([fixtures.log(), Buffer.from('b')]))
  const rules = { prefix: 'out/', keyTemplate: defaultKeyTemplate, onExisting: 'Skip', preserve: [] } as const
  const replicated = {
    ...rules,
    preserve: [],
    store: output,
    replicas: [{ name: 'far', prefix: 'copies/', store: far }],
  }
  const there = async () => (await far.list({})).items.map(({ key, size }) => [key, size])
  await run({ output: replicated })
  const own = (await output.list({ prefix: 'out/' })).items
  expect(await there()).toEqual(own.map(({ key, size }) => [key.replace('out/', 'copies/'), size]))
  await far.delete(['copies/a.log.zst'])
  await run({ output: replicated, stateDir: join(folder, 'another') })
  expect(await there()).toEqual(own.map(({ key, size }) => [key.replace('out/', 'copies/'), size]))
  expect(lines).toMatchObject([{ earlier: true }, { earlier: true }])
  await far.close()
}, 120_000)

test('refuses a template that could give two files one output, before anything is read', async () => {
  const output = {
    prefix: '',
    keyTemplate: '{file}',
    onExisting: 'Skip',
    preserve: [],
    store: source,
  } as const
  await expect(run({ output: { ...output, preserve: [] } })).rejects.toMatchObject({
    code: 'invalid_configuration',
  })
})
