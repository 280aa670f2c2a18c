import { describe, expect, test } from 'vitest'
import { chunkJob, newChunkJob, objectsNamed, planChunks } from '../../test/support/chunks.ts'
import { tenantId, useParts } from '../../test/support/parts.ts'
import type { IncomingRecord } from '../broker/index.ts'
import {
  type ChunkCounts,
  type ChunkReport,
  deadLetterTopic,
  noCounts,
  parseTask,
  reportTopic,
} from '../messages/index.ts'
import {
  cancelBatch,
  costFactors,
  eventsSince,
  leaseTasks,
  readActivity,
  readPlan,
  readTallies,
  requireBatch,
  unfinishedCancellations,
  unpackObjects,
} from '../store/index.ts'
import { foldRecords, type ProjectorOptions, startRelay } from './index.ts'

const parts = useParts()

function options(): ProjectorOptions {
  const { store, broker, deps } = parts
  return { ...deps, store, broker, random: () => 0, onCrash: (error) => expect.unreachable(String(error)) }
}

let offset = 0n
function recordOf(value: string): IncomingRecord {
  offset += 1n
  const timestamp = parts.now().getTime()
  return { topic: reportTopic, partition: 0, offset, key: 'k', value, headers: {}, timestamp }
}
const fold = (...reports: ChunkReport[]) =>
  foldRecords(
    options(),
    reports.map((report) => recordOf(JSON.stringify(report))),
  )

interface Chunk {
  id: string
  attempt: number
  failures: number
  objects: string[]
  state: string
  dueInMs: number
}

async function chunks(): Promise<Chunk[]> {
  const { rows } = await parts.store.client.query<{
    id: string
    attempt: number
    failures: number
    objects: Uint8Array | null
    state: string
    publish_at: Date
  }>('select id, attempt, failures, objects, state, publish_at from tasks order by created_at, attempt, id')
  return rows.map(({ id, attempt, failures, objects, state, publish_at }) => ({
    id,
    attempt,
    failures,
    objects: objects === null ? [] : unpackObjects(objects).map(({ key }) => key.slice('photos/'.length)),
    state,
    dueInMs: publish_at.getTime() - parts.now().getTime(),
  }))
}
const openChunks = async () => (await chunks()).filter(({ state }) => state !== 'done')
const batch = () => requireBatch(parts.store.db, tenantId, chunkJob.batchId)

async function planned(names: string[][]): Promise<Chunk[]> {
  await newChunkJob(parts.store)
  await planChunks(
    parts.store,
    names.map((chunk) => objectsNamed(...chunk)),
    parts.now(),
  )
  return chunks()
}

async function plannedOne(...names: string[]): Promise<Chunk> {
  const [chunk] = await planned([names])
  if (chunk === undefined) throw new Error('no chunk was planned')
  return chunk
}

const base = ({ id: taskId, attempt }: { id: string; attempt: number }) => ({
  taskId,
  attempt,
  batchId: chunkJob.batchId,
  jobUid: chunkJob.uid,
  worker: 'w',
  at: parts.now().toISOString(),
})
const counts = (some: Partial<ChunkCounts>): ChunkCounts => ({ ...noCounts, ...some })
const progress = (chunk: Chunk, some: Partial<ChunkCounts>): ChunkReport => ({
  ...base(chunk),
  kind: 'chunk.progress',
  counts: counts(some),
})
function outcome(
  chunk: Chunk,
  some: Partial<ChunkCounts>,
  retry: Partial<Extract<ChunkReport, { kind: 'chunk.outcome' }>['retry']> = {},
): ChunkReport {
  const failed = some.failed ?? 0
  const example = { key: 'photos/x', message: 'broken' }
  return {
    ...base(chunk),
    kind: 'chunk.outcome',
    counts: counts(some),
    failures: failed > 0 ? [{ code: 'corrupt_input', count: failed, example }] : [],
    reasons: [],
    efforts: [],
    retry: { failed: [], throttled: [], codes: [], ...retry },
    ledger: `ledger/${chunk.id}-${chunk.attempt}`,
  }
}
const split = (chunk: Chunk): ChunkReport => ({ ...base(chunk), kind: 'chunk.split', starts: 3 })

describe('chunks', () => {
  test('are planned without a row for an object, and counted', async () => {
    await planned([['a', 'b', 'c'], ['d']])
    expect(await batch()).toMatchObject({ queued: 4, sealed: true, state: 'running' })
    const { rows } = await parts.store.client.query('select count(*)::int as files from files')
    expect(rows).toEqual([{ files: 0 }])
    expect((await openChunks()).map(({ objects }) => objects).sort()).toEqual([['a', 'b', 'c'], ['d']])
  })

  test('reach their topic with everything a worker needs', async () => {
    await newChunkJob(parts.store)
    await parts.broker.ensureTopic(chunkJob.topic, { partitions: 2 })
    await planChunks(parts.store, [objectsNamed('a', 'ü/"b"\n')], parts.now())
    const relay = await startRelay({ ...options(), wantedSlots: () => 1 })
    await expect.poll(() => parts.records(chunkJob.topic).then((r) => r.length), { timeout: 20_000 }).toBe(1)
    await relay.stop()
    const [record] = await parts.records(chunkJob.topic)
    expect(parseTask(record?.value ?? '')).toMatchObject({
      kind: 'chunk',
      attempt: 1,
      attemptsLeft: 3,
      source: { bucket: 'originals', prefix: 'photos/' },
      output: { prefix: 'web/', keyTemplate: '{path}{newext}' },
      ledger: '.kompressor/test.photos.job-uid-/ledger/',
      objects: objectsNamed('a', 'ü/"b"\n'),
    })
  })

  test('move the counters while they are worked on, and the outcome replaces what progress said', async () => {
    const chunk = await plannedOne('a', 'b', 'c', 'd')
    await fold(progress(chunk, {}))
    expect(await batch()).toMatchObject({ queued: 0, processing: 4 })
    await fold(progress(chunk, { compressed: 2, failed: 1, bytesIn: 200, bytesOut: 100 }))
    expect(await batch()).toMatchObject({
      processing: 1,
      completed: 2,
      failed: 1,
      bytesIn: 200,
      bytesOut: 100,
    })
    await fold(outcome(chunk, { compressed: 3, skipped: 1, bytesIn: 400, bytesOut: 250 }))
    expect(await batch()).toMatchObject({
      state: 'completed',
      processing: 0,
      completed: 4,
      failed: 0,
      bytesIn: 400,
      bytesOut: 250,
    })
    expect((await chunks()).map(({ state, objects }) => [state, objects])).toEqual([['done', []]])
  })

  test('are in the charts object by object, as the counters have them', async () => {
    const chunk = await plannedOne('a', 'b', 'c', 'd')
    const total = async () =>
      (await readActivity(parts.store.db, { tenantId, window: '1h', now: parts.now() })).total
    await fold(progress(chunk, {}), progress(chunk, { compressed: 1, failed: 2, bytesIn: 200, bytesOut: 90 }))
    expect(await total()).toMatchObject({ completed: 1, failed: 2, bytesIn: 200, bytesOut: 90 })
    await fold(outcome(chunk, { compressed: 2, kept: 1, failed: 1, bytesIn: 400, bytesOut: 250 }))
    expect(await total()).toMatchObject({ completed: 3, failed: 1, bytesIn: 400, bytesOut: 250 })
  })

  test('never complete a batch by progress alone', async () => {
    const chunk = await plannedOne('a', 'b')
    await fold(progress(chunk, { compressed: 2 }))
    expect(await batch()).toMatchObject({ state: 'running', processing: 2, completed: 0 })
  })

  test('say how far they are in few events, without gaps, and once that the batch is complete', async () => {
    const [a, b] = await planned([['a', 'b', 'c'], ['d']])
    if (a === undefined || b === undefined) throw new Error('two chunks were planned')
    const big = a.objects.length === 3 ? a : b
    const small = big === a ? b : a
    for (const compressed of [0, 1, 2]) {
      await fold(progress(big, { compressed, bytesIn: compressed * 100, bytesOut: compressed * 50 }))
      parts.advance(3_000)
    }
    await fold(
      outcome(big, { compressed: 3, bytesIn: 300, bytesOut: 150 }),
      outcome(small, { kept: 1, bytesIn: 100, bytesOut: 100 }),
    )
    const events = await eventsSince(parts.store.db, { batchId: chunkJob.batchId, after: 0, limit: 100 })
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'batch.progress'],
      [2, 'batch.progress'],
      [3, 'batch.completed'],
    ])
    expect(events[1]?.data.progress).toEqual({
      files: { pending: 0, queued: 1, processing: 1, completed: 2, failed: 0, cancelled: 0 },
      bytes: { in: 200, out: 100 },
    })
  })

  test('say what a store refuses, until nothing has been refused for a while', async () => {
    await planned([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ])
    const held = async () => {
      const { rows } = await parts.store.client.query<{ held: unknown }>(
        'select held from jobs where held is not null',
      )
      return rows[0]?.held
    }
    const refused = (code: 'storage_throttled' | 'storage_unavailable') => [
      { code, count: 1, example: { key: 'a', message: 'slow down' } },
    ]
    const [one, other] = await chunks()
    if (one === undefined || other === undefined) throw new Error('there are two chunks')
    await fold(outcome(one, { compressed: 2 }, { throttled: [2], codes: refused('storage_throttled') }))
    expect(await held()).toMatchObject({ code: 'storage_throttled', message: 'slow down' })
    parts.advance(21_000)
    await fold(outcome(other, { compressed: 2 }, { failed: [2], codes: refused('storage_unavailable') }))
    expect(await held()).toBeUndefined()
  })

  test('put what failed for now into a successor with back-off, and what was throttled into one of its own', async () => {
    const chunk = await plannedOne('a', 'b', 'c', 'd')
    await fold(outcome(chunk, { compressed: 1 }, { failed: [1, 3], throttled: [2] }))
    const successors = (await openChunks()).sort((x, y) => x.objects.length - y.objects.length)
    expect(successors).toMatchObject([
      { attempt: 2, failures: 0, objects: ['c'], dueInMs: 500 },
      { attempt: 2, failures: 1, objects: ['b', 'd'], dueInMs: 500 },
    ])
    expect(await batch()).toMatchObject({ state: 'running', completed: 1, queued: 3 })
    parts.advance(1_000)
    const [, failed] = successors
    if (failed === undefined) throw new Error('there is a successor')
    const lease = {
      jobUid: chunkJob.uid,
      limit: 10,
      costBudget: 1e9,
      now: parts.now(),
      leasedUntil: parts.now(),
    }
    const leased = await leaseTasks(parts.store.db, lease)
    expect(leased.find(({ id }) => id === failed.id)).toMatchObject({ failures: 1, cost: 200 })
    await fold(outcome(failed, { compressed: 1 }, { failed: [0] }))
    expect((await openChunks()).find(({ attempt }) => attempt === 3)).toMatchObject({
      failures: 2,
      objects: ['b'],
      dueInMs: 1_000,
    })
  })

  test('come apart when workers die over them, and come down to the object in two steps', async () => {
    const names = Array.from({ length: 64 }, (_, i) => `n${String(i).padStart(2, '0')}`)
    const chunk = await plannedOne(...names)
    await fold(progress(chunk, { compressed: 5 }), split(chunk))
    const eighths = await openChunks()
    expect(eighths.map(({ objects }) => objects.length)).toEqual(Array(8).fill(8))
    expect(eighths.flatMap(({ objects }) => objects).sort()).toEqual(names)
    expect(await batch()).toMatchObject({ queued: 64, processing: 0, completed: 0 })
    await fold(split(chunk), split(eighths[0] ?? chunk))
    expect(
      (await openChunks()).filter(({ attempt }) => attempt === 3).map(({ objects }) => objects.length),
    ).toEqual(Array(8).fill(1))
    expect(await batch()).toMatchObject({ queued: 64 })
  })

  test('that are cancelled count as cancelled, until a late outcome says what was done', async () => {
    const [a, b] = await planned([['a', 'b', 'c'], ['d']])
    if (a === undefined || b === undefined) throw new Error('two chunks were planned')
    const big = a.objects.length === 3 ? a : b
    await fold(progress(big, { compressed: 1, bytesIn: 10, bytesOut: 5 }))
    await cancelBatch(parts.store.db, { tenantId, batchId: chunkJob.batchId, now: parts.now() })
    expect(await batch()).toMatchObject({
      state: 'cancelled',
      completed: 1,
      cancelled: 3,
      queued: 0,
      processing: 0,
    })
    expect(await unfinishedCancellations(parts.store.db)).toEqual([])
    await fold(progress(big, { compressed: 2 }))
    expect(await batch()).toMatchObject({ completed: 1, cancelled: 3 })
    const late = outcome(big, { compressed: 2, bytesIn: 20, bytesOut: 10 }, { failed: [2] })
    await fold(late, late)
    expect(await batch()).toMatchObject({
      state: 'cancelled',
      completed: 2,
      cancelled: 2,
      bytesIn: 20,
      bytesOut: 10,
    })
    expect(await openChunks()).toEqual([])
  })

  test('an outcome that does not add up is not believed', async () => {
    const chunk = await plannedOne('a', 'b')
    await fold(outcome(chunk, { compressed: 1 }))
    expect(await batch()).toMatchObject({ queued: 2, completed: 0 })
    expect(parts.logged.join('\n')).toContain('does not add up')
  })

  test('failures go to the dead-letter topic with counts, examples and the way to the ledger', async () => {
    const chunk = await plannedOne('a', 'b')
    await fold(outcome(chunk, { failed: 2 }))
    const letters = (await parts.records(deadLetterTopic)).map(({ value }) => JSON.parse(value))
    expect(letters).toMatchObject([
      {
        taskId: chunk.id,
        batchId: chunkJob.batchId,
        failures: [{ code: 'corrupt_input', count: 2, example: { key: 'photos/x' } }],
        ledger: `ledger/${chunk.id}-1`,
      },
    ])
  })

  test('leave the counters right when reports of all kinds come twice, late and in any order', async () => {
    const [a, b] = await planned([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ])
    if (a === undefined || b === undefined) throw new Error('two chunks were planned')
    const of = (chunk: Chunk) => chunk.objects.length
    const reports = [a, b].flatMap((chunk) => [
      progress(chunk, { compressed: 1, bytesIn: 10, bytesOut: 5 }),
      outcome(chunk, { compressed: of(chunk) - 1, bytesIn: 100, bytesOut: 50 }, { failed: [0] }),
      split(chunk),
      progress(chunk, { kept: 1, bytesIn: 10, bytesOut: 10 }),
      outcome(chunk, { failed: of(chunk) }),
    ])
    const end = { queued: 2, processing: 0, completed: 3, failed: 0, bytesIn: 200, bytesOut: 100 }
    for (const report of [...reports, ...reports.toReversed(), ...reports]) await fold(report)
    expect(await batch()).toMatchObject(end)
    await fold(...reports)
    expect(await batch()).toMatchObject(end)
    const events = await eventsSince(parts.store.db, { batchId: chunkJob.batchId, after: 0, limit: 1_000 })
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
  })

  test('teach the job what its work costs', async () => {
    const chunk = await plannedOne('a', 'b')
    const report = outcome(chunk, { compressed: 2, bytesIn: 200, bytesOut: 90 })
    if (report.kind !== 'chunk.outcome') throw new Error('an outcome')
    const effort = {
      type: 'image/jpeg',
      files: 2,
      bytesIn: 200,
      bytesOut: 90,
      cpuMs: 70_000,
      predictedMs: 30_000,
    }
    await fold({ ...report, efforts: [effort] })
    expect(await costFactors(parts.store.db, chunkJob.batchId)).toEqual({ 'image/jpeg': 2 })
    expect((await readPlan(parts.store.db, chunkJob.uid)).costFactors).toEqual({ 'image/jpeg': 2 })
    const { rows } = await parts.store.client.query('select cost_factor from jobs where uid = $1', [
      chunkJob.uid,
    ])
    expect(rows).toEqual([{ cost_factor: 2 }])
    expect(await readTallies(parts.store.db, chunkJob.batchId, 'outcome')).toMatchObject([
      { name: 'compressed', files: 2 },
    ])
  })
})
