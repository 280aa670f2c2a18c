import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileResult, Report } from '../messages/index.ts'
import type { FileRow } from '../store/index.ts'
import { foldReports } from './fold.ts'

const now = new Date('2026-01-01T00:00:00Z')
const context = {
  policy: { maxAttempts: 3, initialBackoffMs: 1000, maxBackoffMs: 60_000 },
  now,
  random: () => 0.5,
}

const file: FileRow = {
  id: 'f',
  tenantId: 'default',
  batchId: 'b',
  jobUid: 'default',
  name: 'a.jpg',
  state: 'queued',
  size: 100,
  type: null,
  sha256: null,
  tags: {},
  uploadKey: 'in/default/f',
  uploadExpiresAt: null,
  attempt: 1,
  seq: -1,
  failures: 0,
  result: null,
  errorCode: null,
  errorMessage: null,
  history: [],
  queuedAt: now,
  startedAt: null,
  finishedAt: null,
  createdAt: now,
  updatedAt: now,
}

function resultWith(key: string): FileResult {
  const output = { name: 'a.jpg', type: 'image/jpeg', bytes: 40, sha256: 'x', key, etag: 'e' }
  return {
    outcome: 'compressed',
    bytesIn: 100,
    bytesOut: 40,
    cpuMs: 1,
    type: 'image/jpeg',
    outputs: [output],
  }
}

const base = { taskId: 'f', fileId: 'f', batchId: 'b', jobUid: 'default', worker: 'w', at: now.toISOString() }
const started = (attempt = 1): Report => ({ ...base, attempt, kind: 'started', seq: 0 })
const completed = (attempt = 1, key = 'out/default/f/h'): Report => ({
  ...base,
  attempt,
  kind: 'completed',
  seq: 1,
  result: resultWith(key),
})
const error = { code: 'storage_unavailable' as const, message: 'the store is away' }
const retry = (attempt = 1, countsAttempt = true): Report => ({
  ...base,
  attempt,
  kind: 'retry',
  seq: 1,
  error,
  countsAttempt,
})
const failed = (attempt = 1): Report => ({
  ...base,
  attempt,
  kind: 'failed',
  seq: 1,
  error: { code: 'corrupt_input', message: 'no image' },
})

/** Folds one report at a time, as separate transactions would. */
function foldAll(row: FileRow, reports: Report[]): FileRow {
  return reports.reduce((f, report) => foldReports(f, [report], context).change?.after ?? f, row)
}

describe('folding reports', () => {
  test('a start moves a queued file to processing', () => {
    const { change } = foldReports(file, [started()], context)
    expect(change?.after).toMatchObject({ state: 'processing', seq: 0, startedAt: now })
    expect(change?.event?.type).toBe('file.started')
    expect(change?.task).toBe('unchanged')
  })

  test('start and outcome in one fold make one event', () => {
    const { change } = foldReports(file, [completed(), started()], context)
    expect(change?.after).toMatchObject({ state: 'completed', size: 100, type: 'image/jpeg', startedAt: now })
    expect(change?.event?.type).toBe('file.completed')
    expect(change?.task).toBe('done')
  })

  test('a start that comes after its outcome changes nothing', () => {
    const done = foldAll(file, [completed()])
    expect(foldReports(done, [started()], context)).toEqual({ unwanted: [] })
  })

  test('a retry waits with back-off and the next attempt, and remembers why', () => {
    const { change, deadLetter } = foldReports(file, [started(), retry()], context)
    expect(change?.after).toMatchObject({ state: 'queued', attempt: 2, seq: -1, failures: 1 })
    expect(change?.after.history).toEqual([{ attempt: 1, at: base.at, worker: 'w', ...error }])
    // Half of the second is fixed, half of the rest is the random 0.5.
    expect(change?.task).toEqual({ publishAt: new Date(now.getTime() + 750) })
    expect(deadLetter).toBeUndefined()
  })

  test('the last attempt fails the file with its whole history', () => {
    const { change, deadLetter } = foldReports(file, [retry(1), retry(2), retry(3)], context)
    expect(change?.after).toMatchObject({ state: 'failed', attempt: 3, errorCode: 'storage_unavailable' })
    expect(deadLetter?.history.map((entry) => entry.attempt)).toEqual([1, 2, 3])
  })

  test('a throttled attempt is given back', () => {
    const reports = [1, 2, 3, 4, 5, 6].map((attempt) => retry(attempt, false))
    expect(foldAll(file, reports)).toMatchObject({ state: 'queued', attempt: 7, failures: 0 })
  })

  test('attempts that do not count wait longer and longer', () => {
    const dueAfter = (attempts: number) => {
      const before = foldAll(
        file,
        Array.from({ length: attempts }, (_, i) => retry(i + 1, false)),
      )
      const task = foldReports(before, [retry(attempts + 1, false)], context).change?.task
      if (typeof task !== 'object') throw new Error('not to be tried again')
      return task.publishAt.getTime() - context.now.getTime()
    }
    expect(dueAfter(4)).toBeGreaterThan(2 * dueAfter(0))
  })

  test('a permanent error fails at once', () => {
    const { change, deadLetter } = foldReports(file, [failed()], context)
    expect(change?.after).toMatchObject({ state: 'failed', errorCode: 'corrupt_input' })
    expect(deadLetter).toMatchObject({ fileId: 'f', attempts: 1 })
  })

  test('a failure that is reported again publishes its dead letter again and changes nothing', () => {
    const after = foldAll(file, [failed()])
    const again = foldReports(after, [failed()], context)
    expect(again.change).toBeUndefined()
    expect(again.deadLetter).toMatchObject({ fileId: 'f' })
  })

  test('a completion of an earlier attempt counts while the file has not ended', () => {
    const waiting = foldAll(file, [retry(1)])
    expect(foldAll(waiting, [completed(1)])).toMatchObject({ state: 'completed', attempt: 2 })
  })

  test('a completion does not leave failed, and its outputs stay for a retry to find', () => {
    const folded = foldReports(foldAll(file, [failed()]), [completed()], context)
    expect(folded.change).toBeUndefined()
    expect(folded.unwanted).toEqual([])
  })

  test('a completion of a cancelled file is dropped with its outputs but never with the upload', () => {
    const cancelled: FileRow = { ...file, state: 'cancelled' }
    expect(foldReports(cancelled, [completed()], context).unwanted).toEqual(['out/default/f/h'])
    expect(foldReports(cancelled, [completed(1, 'in/default/f')], context).unwanted).toEqual([])
  })

  test('a completion that comes twice keeps its outputs', () => {
    const done = foldAll(file, [completed()])
    expect(foldReports(done, [completed()], context)).toEqual({ unwanted: [] })
    expect(foldReports(done, [completed(1, 'out/other')], context).unwanted).toEqual(['out/other'])
  })

  const anyReport = fc
    .record({
      attempt: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom(started, completed, retry, failed),
    })
    .map(({ attempt, kind }) => kind(attempt))

  test('a file that has ended stays as it is, whatever is reported', () => {
    fc.assert(
      fc.property(fc.array(anyReport), fc.array(anyReport), (first, second) => {
        const row = foldAll(file, first)
        fc.pre(row.state === 'completed' || row.state === 'failed')
        expect(foldAll(row, second)).toEqual(row)
      }),
    )
  })

  test('reports that are delivered twice have the effect of once', () => {
    fc.assert(
      fc.property(fc.array(anyReport), (reports) => {
        const once = foldAll(file, reports)
        expect(
          foldAll(
            file,
            reports.flatMap((r) => [r, r]),
          ),
        ).toEqual(once)
      }),
    )
  })
})
