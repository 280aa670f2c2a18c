import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunkJob, newChunkJob } from '../../test/support/chunks.ts'
import { tenantId, useParts } from '../../test/support/parts.ts'
import { syntheticListing } from '../../test/support/synthetic-listing.ts'
import { defaultOptions } from '../codec/index.ts'
import { maxChunkObjects } from '../messages/index.ts'
import type { ObjectInfo } from '../objects/index.ts'
import { addPage, cancelBatch, readPlan, readTallies, requireBatch, unpackObjects } from '../store/index.ts'
import {
  chunkCostMs,
  createFilter,
  cutIntoChunks,
  type PlanSink,
  planPrefix,
  sourceFilterSchema,
} from './index.ts'

const parts = useParts()
const everything = sourceFilterSchema.parse({})

describe('cutting', () => {
  test('keeps every object, in order, in chunks that are neither too many objects nor too much work', () => {
    const predicted = fc.record({
      cost: fc.double({ min: 1, max: 60_000, noNaN: true }),
      factor: fc.constantFrom(0.5, 1, 3),
    })
    fc.assert(
      fc.property(fc.array(predicted, { maxLength: 400 }), (costs) => {
        const objects = costs.map((one, i) => ({ ...one, object: { key: `k${i}`, size: i, etag: `e${i}` } }))
        const chunks = cutIntoChunks(objects)
        expect(chunks.flatMap((chunk) => chunk.objects)).toEqual(objects.map(({ object }) => object))
        const byKey = new Map(objects.map((o) => [o.object.key, o]))
        for (const [index, chunk] of chunks.entries()) {
          const expected = chunk.objects
            .map(({ key }) => byKey.get(key))
            .map((o) => (o?.cost ?? 0) * (o?.factor ?? 0))
          const sum = expected.reduce((a, b) => a + b, 0)
          expect(chunk.objects.length).toBeLessThanOrEqual(maxChunkObjects)
          expect(chunk.objects.length === 1 || sum <= chunkCostMs + 1e-6).toBe(true)
          // No chunk ends while the next object would have fitted.
          const next = chunks[index + 1]?.objects[0]
          if (next !== undefined && chunk.objects.length < maxChunkObjects) {
            const more = byKey.get(next.key)
            expect(sum + (more?.cost ?? 0) * (more?.factor ?? 0)).toBeGreaterThan(chunkCostMs - 1e-6)
          }
        }
      }),
    )
  })
})

describe('the filter', () => {
  const object = (key: string, more: Partial<ObjectInfo> = {}): ObjectInfo => ({
    key: `photos/${key}`,
    size: 1_000,
    etag: 'e',
    lastModified: new Date('2026-01-01T00:00:00Z'),
    attributes: {},
    ...more,
  })

  test.each([
    ['takes everything by default', {}, object('a/b.jpg'), 'work'],
    ['takes names with a leading dot', {}, object('.well-known/x'), 'work'],
    ['includes by glob, below the prefix', { include: ['2024/**/*.jpg'] }, object('2024/x/y/a.jpg'), 'work'],
    ['includes by glob', { include: ['2024/**'] }, object('2025/a.jpg'), 'left_out'],
    ['includes any of several', { include: ['*.png', '*.{jpg,jpeg}'] }, object('a.jpeg'), 'work'],
    ['excludes after including', { include: ['**'], exclude: ['**/*.tmp'] }, object('x/a.tmp'), 'left_out'],
    ['leaves out what is too small', { minSize: 1_001 }, object('a'), 'left_out'],
    ['leaves out what is too large', { maxSize: 999 }, object('a'), 'left_out'],
    ['leaves out what is too old', { modifiedAfter: '2026-01-01T00:00:00Z' }, object('a'), 'left_out'],
    ['takes what is newer', { modifiedAfter: '2025-12-31T23:59:59Z' }, object('a'), 'work'],
    ['skips junk', {}, object('x/Thumbs.db'), 'junk'],
    ['skips resource forks', {}, object('._a.jpg'), 'junk'],
    [
      'skips archives',
      {},
      object('a', { attributes: { storageClass: 'GLACIER' } }),
      'archived_storage_class',
    ],
    [
      'reads the classes it is given',
      { storageClasses: ['STANDARD_IA'] },
      object('a', { attributes: { storageClass: 'STANDARD_IA' } }),
      'work',
    ],
    ['leaves out folder markers', {}, object('x/', { size: 0 }), 'left_out'],
    ['leaves out the prefix itself', {}, object('', { size: 0 }), 'left_out'],
    ['leaves out notes of ours', {}, object('.kompressor/j/report.json'), 'left_out'],
  ])('%s', (_, filter, listed, verdict) => {
    expect(createFilter(sourceFilterSchema.parse(filter), 'photos/')(listed)).toBe(verdict)
  })

  test('refuses what is no glob', () => {
    expect(() => createFilter(sourceFilterSchema.parse({ include: ['a[b'] }), '')).toThrow(
      /a\[b is not a glob/,
    )
  })
})

const sink = (): PlanSink => ({
  read: () => readPlan(parts.store.db, chunkJob.uid),
  add: (page) => addPage(parts.store.db, chunkJob.uid, page, parts.now()),
})
const planning = {
  prefix: 'photos/',
  filter: everything,
  options: defaultOptions,
  signal: AbortSignal.any([]),
}

async function plannedKeys(): Promise<string[]> {
  const { rows } = await parts.store.client.query<{ objects: Uint8Array }>('select objects from tasks')
  return rows.flatMap(({ objects }) => unpackObjects(objects).map(({ key }) => key)).sort()
}

describe('planning', () => {
  test('loses nothing and repeats nothing, wherever it is cut off', async () => {
    await newChunkJob(parts.store)
    const source = syntheticListing(5_000)
    const real = sink()
    let calls = 0
    // Dies before a page is added, and after it was added but before that was known.
    const dying: PlanSink = {
      read: real.read,
      add: async (page) => {
        calls += 1
        if (calls % 3 === 1) throw new Error('died before')
        const state = await real.add(page)
        if (calls % 3 === 2) throw new Error('died after')
        return real.add(page).then(() => state)
      },
    }
    let lives = 0
    for (let complete = false; !complete; lives += 1) {
      complete = await planPrefix({ ...planning, source, sink: dying }).then(
        () => true,
        (error: Error) => {
          if (!error.message.startsWith('died')) throw error
          return false
        },
      )
    }
    expect(lives).toBeGreaterThan(3)
    expect(await plannedKeys()).toEqual(Array.from({ length: 5_000 }, (_, i) => source.keyAt(i)))
    expect(await readPlan(parts.store.db, chunkJob.uid)).toMatchObject({
      complete: true,
      foundFiles: 5_000,
      leftOut: 0,
    })
    expect(await requireBatch(parts.store.db, tenantId, chunkJob.batchId)).toMatchObject({
      queued: 5_000,
      sealed: true,
      state: 'running',
    })
  })

  test('counts what it leaves out, and settles what needs no work', async () => {
    await newChunkJob(parts.store)
    const source = syntheticListing(2_000)
    const state = await planPrefix({
      ...planning,
      source,
      sink: sink(),
      filter: sourceFilterSchema.parse({ exclude: ['0000001/**'] }),
      doneBefore: async ({ key, size }) =>
        key < source.keyAt(990) ? { outcome: 'compressed', bytesOut: Math.floor(size / 2) } : undefined,
    })
    expect(state).toMatchObject({ complete: true, foundFiles: 1_000, leftOut: 1_000 })
    expect(await plannedKeys()).toEqual(Array.from({ length: 10 }, (_, i) => source.keyAt(990 + i)))
    const batch = await requireBatch(parts.store.db, tenantId, chunkJob.batchId)
    expect(batch).toMatchObject({ queued: 10, completed: 990 })
    expect(batch.bytesOut).toBeLessThan(batch.bytesIn)
    expect(await readTallies(parts.store.db, chunkJob.batchId, 'reason')).toMatchObject([
      { name: 'done_before', files: 990 },
    ])
  })

  test('of an empty prefix completes the batch', async () => {
    await newChunkJob(parts.store)
    await planPrefix({ ...planning, source: syntheticListing(0), sink: sink() })
    expect(await requireBatch(parts.store.db, tenantId, chunkJob.batchId)).toMatchObject({
      state: 'completed',
      sealed: true,
    })
  })

  test('refuses pages out of order, and stops when the job is cancelled', async () => {
    await newChunkJob(parts.store)
    const page = { page: 1, chunks: [], settled: [], leftOut: 0 }
    await expect(sink().add(page)).rejects.toMatchObject({ code: 'page_out_of_order' })
    await expect(addPage(parts.store.db, 'none', page, parts.now())).rejects.toMatchObject({
      code: 'job_not_found',
    })
    await cancelBatch(parts.store.db, { tenantId, batchId: chunkJob.batchId, now: parts.now() })
    await expect(
      planPrefix({ ...planning, source: syntheticListing(10), sink: sink() }),
    ).rejects.toMatchObject({ code: 'cancelled' })
    expect(await plannedKeys()).toEqual([])
  })

  test('makes chunks smaller when the work turns out to take longer than predicted', async () => {
    await newChunkJob(parts.store)
    const sizes = async (factor: number) => {
      const pages: number[][] = []
      const state = { ...(await sink().read()), costFactors: { 'image/jpeg': factor } }
      await planPrefix({
        ...planning,
        source: syntheticListing(1_000),
        sink: {
          read: async () => state,
          add: async (page) => {
            pages.push(page.chunks.map((chunk) => chunk.objects.length))
            return { ...state, complete: true }
          },
        },
      })
      return pages.flat()
    }
    expect(Math.max(...(await sizes(10)))).toBeLessThan(Math.max(...(await sizes(1))))
  })
})
