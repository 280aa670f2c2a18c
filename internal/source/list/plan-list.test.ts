import { expect, it } from 'vitest'
import { chunkJob, newChunkJob } from '../../../test/support/chunks.ts'
import { tenantId, useParts } from '../../../test/support/parts.ts'
import { defaultOptions } from '../../codec/index.ts'
import type { LedgerLine } from '../../ledger/index.ts'
import { addPage, readPlan, readTallies, requireBatch, unpackObjects } from '../../store/index.ts'
import type { PlanSink } from '../planner.ts'
import { type ListEntry, planList } from './index.ts'

const parts = useParts()

const sink = (): PlanSink => ({
  read: () => readPlan(parts.store.db, chunkJob.uid),
  add: (page) => addPage(parts.store.db, chunkJob.uid, page, parts.now()),
})

interface Planning {
  entries: ListEntry[]
  sink?: PlanSink
  version?: string
  faults?: Map<number, readonly LedgerLine[]>
}

const plan = ({ faults = new Map(), version = 'v1', ...planning }: Planning) =>
  planList({
    sink: sink(),
    options: defaultOptions,
    clock: parts.now,
    signal: AbortSignal.any([]),
    version,
    writeFaults: async (page, lines) => void faults.set(page, lines),
    ...planning,
  })

const file = (line: number): ListEntry => ({
  line,
  url: `https://a.example/${line}.jpg`,
  path: `a/${line}.jpg`,
})
const fault = (line: number): ListEntry => ({ line, fault: 'has no address' })

async function planned() {
  const { rows } = await parts.store.client.query<{ objects: Uint8Array }>(
    'select objects from tasks order by created_at',
  )
  return rows.flatMap(({ objects }) => unpackObjects(objects))
}

const batch = async () => {
  const { rows } = await parts.store.client.query<{ batch_id: string }>('select batch_id from plans')
  return requireBatch(parts.store.db, tenantId, rows[0]?.batch_id ?? '')
}

it('plans every file once, counts bad lines as failed and repeated ones as skipped', async () => {
  await newChunkJob(parts.store)
  const other = { line: 5, url: 'https://a.example/2.jpg', path: 'elsewhere.jpg' }
  const faults = new Map<number, readonly LedgerLine[]>()
  const state = await plan({ entries: [file(2), fault(3), file(2), other, fault(6)], faults })
  expect(state).toMatchObject({ complete: true, foundFiles: 5 })
  expect(await planned()).toEqual([
    { key: 'https://a.example/2.jpg', size: 0, etag: '', path: 'a/2.jpg' },
    { key: 'https://a.example/2.jpg', size: 0, etag: '', path: 'elsewhere.jpg' },
  ])
  const made = await batch()
  expect(made).toMatchObject({ state: 'running', sealed: true, queued: 2, completed: 1, failed: 2 })
  expect(await readTallies(parts.store.db, made.id)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        kind: 'failure',
        name: 'bad_line',
        files: 2,
        example: { key: 'line 3', message: 'line 3 has no address' },
      }),
      expect.objectContaining({ kind: 'reason', name: 'duplicate', files: 1 }),
    ]),
  )
  expect([...faults]).toEqual([
    [
      0,
      ['line 3', 'line 6'].map((key) => ({
        at: parts.now().toISOString(),
        source: { key, etag: '', bytes: 0 },
        outcome: 'failed',
        error: { code: 'bad_line', message: `${key} has no address` },
      })),
    ],
  ])
})

it('ends a list of which nothing can be used', async () => {
  await newChunkJob(parts.store)
  await plan({ entries: [fault(2), fault(3)] })
  expect(await batch()).toMatchObject({ state: 'completed', failed: 2 })
})

it('loses nothing and repeats nothing, wherever it is cut off', async () => {
  await newChunkJob(parts.store)
  const entries = Array.from({ length: 3_000 }, (_, i) =>
    i % 10 === 3 ? fault(i) : file(i % 10 === 7 ? i - 1 : i),
  )
  const real = sink()
  let calls = 0
  const dying: PlanSink = {
    read: real.read,
    add: async (page) => {
      calls += 1
      if (calls % 3 === 1) throw new Error('died before')
      const state = await real.add(page)
      if (calls % 3 === 2) throw new Error('died after')
      return state
    },
  }
  const faults = new Map<number, readonly LedgerLine[]>()
  let lives = 0
  for (let complete = false; !complete; lives += 1) {
    complete = await plan({ entries, sink: dying, faults }).then(
      () => true,
      (error: Error) => {
        if (!error.message.startsWith('died')) throw error
        return false
      },
    )
  }
  expect(lives).toBeGreaterThan(3)
  const wanted = entries.flatMap((entry, i) => ('url' in entry && i % 10 !== 7 ? [entry.url] : []))
  expect((await planned()).map(({ key }) => key).sort()).toEqual(wanted.sort())
  expect(await batch()).toMatchObject({ queued: 2_400, completed: 300, failed: 300, sealed: true })
  expect([...faults.values()].flat()).toHaveLength(300)
})

it('does not go on with a list that has become another one', async () => {
  await newChunkJob(parts.store)
  const real = sink()
  let pages = 0
  const dying: PlanSink = {
    ...real,
    add: async (page) => {
      pages += 1
      if (pages > 1) throw new Error('died')
      return real.add(page)
    },
  }
  const entries = Array.from({ length: 1_500 }, (_, i) => file(i))
  await expect(plan({ entries, sink: dying })).rejects.toThrow('died')
  await expect(plan({ entries, version: 'v2' })).rejects.toMatchObject({
    code: 'bad_list',
    message: expect.stringContaining('make another one'),
  })
})
