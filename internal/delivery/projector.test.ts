import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { eventually, job, lagOf, tenantId, useParts } from '../../test/support/parts.ts'
import type { IncomingRecord } from '../broker/index.ts'
import type { ErrorCode } from '../errors/index.ts'
import { deadLetterTopic, type FileResult, type Report, reportTopic } from '../messages/index.ts'
import {
  cancelFile,
  deleteFile,
  dueObjectDeletions,
  eventsSince,
  type FileRow,
  jobFigures,
} from '../store/index.ts'
import { foldRecords, type ProjectorOptions, projectorGroup, startProjector } from './index.ts'

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
const fold = (...reports: Report[]) =>
  foldRecords(
    options(),
    reports.map((report) => recordOf(JSON.stringify(report))),
  )

function base(file: FileRow, attempt = 1) {
  const { id: fileId, batchId, jobUid } = file
  return { taskId: fileId, fileId, batchId, jobUid, attempt, worker: 'w', at: parts.now().toISOString() }
}
const started = (file: FileRow, attempt = 1): Report => ({ ...base(file, attempt), kind: 'started', seq: 0 })
const retry = (file: FileRow, attempt: number, message = `broken ${attempt}`): Report => ({
  ...base(file, attempt),
  kind: 'retry',
  seq: 1,
  error: { code: 'storage_unavailable', message },
  countsAttempt: true,
})
const completed = (file: FileRow): Report => ({
  ...base(file),
  kind: 'completed',
  seq: 1,
  result: resultOf(file),
})
function resultOf(file: FileRow): FileResult {
  const key = `out/${tenantId}/${file.id}/h`
  const output = { name: file.name, type: 'image/png', bytes: 4, sha256: 'a', key, etag: 'e' }
  return {
    outcome: 'compressed',
    bytesIn: 10,
    bytesOut: 4,
    cpuMs: 1,
    type: 'image/png',
    outputs: [output],
  }
}

async function everything() {
  const { db } = parts.store
  const tables = ['files', 'tasks', 'batches', 'events'].map((table) =>
    db.execute(sql.raw(`select * from ${table} order by 1, 2`)),
  )
  return (await Promise.all(tables)).map((result) => result)
}
const eventsOf = (file: FileRow) =>
  eventsSince(parts.store.db, { batchId: file.batchId, after: 0, limit: 100 })

describe('the projector', () => {
  test('makes nothing of reports it has folded before', async () => {
    const [a, b] = [await parts.queue('a'), await parts.queue('b')]
    const reports = [started(a), started(b), completed(a), retry(b, 1)]
    await fold(...reports)
    const once = await everything()
    parts.advance(60_000)
    await fold(...reports)
    await fold(...reports.toReversed())
    expect(await everything()).toEqual(once)
    expect(await parts.file('a')).toMatchObject({ state: 'completed', result: { bytesOut: 4 } })
  })

  test('numbers the events of a batch without a gap, whatever is folded together', async () => {
    const file = await parts.queue('a')
    await fold(started(file))
    await fold(retry(file, 1), started(file, 1))
    await fold(started(file, 2), retry(file, 2))
    await fold(completed(file))
    const events = await eventsOf(file)
    expect(events.map((e) => e.type)).toEqual([
      'file.queued',
      'file.started',
      'file.retrying',
      'file.retrying',
      'file.completed',
      'batch.completed',
    ])
    expect(events.map((e) => e.seq)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('says what a store refuses the workers of a job, until nothing has been refused for a while', async () => {
    const [a, b, c, d] = [
      await parts.queue('a'),
      await parts.queue('b'),
      await parts.queue('c'),
      await parts.queue('d'),
    ]
    const refused = (file: FileRow, code: ErrorCode, countsAttempt: boolean): Report => ({
      ...base(file),
      kind: 'retry',
      seq: 1,
      error: { code, message: 'slow down' },
      countsAttempt,
    })
    const held = async () => (await jobFigures(parts.store.db, [job.uid], parts.now()))[0]?.held
    await fold(refused(a, 'storage_unavailable', true))
    expect(await held()).toBeNull()
    await fold(refused(b, 'storage_throttled', false), completed(c))
    expect(await held()).toEqual({
      code: 'storage_throttled',
      message: 'slow down',
      at: parts.now().toISOString(),
    })
    parts.advance(21_000)
    await fold(completed(d))
    expect(await held()).toBeNull()
  })

  test('lets a retry wait for its back-off', async () => {
    const file = await parts.queue('a')
    await fold(retry(file, 1))
    const [task] = await parts.store.db.query.tasks.findMany()
    // random 0: the fixed half of the first second.
    expect(task).toMatchObject({
      state: 'waiting',
      attempt: 2,
      publishAt: new Date(parts.now().getTime() + 500),
    })
  })

  test('publishes a dead letter with the whole history, again when its report comes again', async () => {
    await parts.store.db.execute(sql`update jobs set max_attempts = 3`)
    const file = await parts.queue('a')
    for (const attempt of [1, 2, 3]) await fold(started(file, attempt), retry(file, attempt))
    expect(await parts.file('a')).toMatchObject({ state: 'failed', errorMessage: 'broken 3', failures: 3 })
    await fold(retry(file, 3))
    const letters = (await parts.records(deadLetterTopic)).map(({ value }) => JSON.parse(value))
    expect(letters).toHaveLength(2)
    for (const letter of letters) {
      expect(letter).toMatchObject({
        fileId: 'a',
        jobUid: job.uid,
        attempts: 3,
        error: { code: 'storage_unavailable' },
      })
      expect(letter.history.map((h: { message: string }) => h.message)).toEqual([
        'broken 1',
        'broken 2',
        'broken 3',
      ])
    }
  })

  test('sends what is no report to the dead-letter topic and folds the rest', async () => {
    const file = await parts.queue('a')
    const unreadable = [recordOf('{'), recordOf('{"kind":"promoted"}')]
    await foldRecords(options(), [...unreadable, recordOf(JSON.stringify(completed(file)))])
    expect((await parts.file('a')).state).toBe('completed')
    const letters = await parts.records(deadLetterTopic)
    expect(letters.map(({ key, value }) => [key, value])).toEqual([
      ['k', '{'],
      ['k', '{"kind":"promoted"}'],
    ])
    expect(letters[0]?.headers).toMatchObject({ 'kompressor-source': reportTopic })
  })

  test('is not stopped by text the database cannot hold', async () => {
    const file = await parts.queue('a')
    await fold(retry(file, 1, 'bytes \0 and half a \ud83d pair, C:\\u0000'))
    const { history } = await parts.file('a')
    expect(history[0]?.message).toBe('bytes \ufffd and half a \ufffd pair, C:\\u0000')
  })

  test('has the outputs of cancelled and deleted files deleted', async () => {
    const [cancelled, deleted] = [await parts.queue('a'), await parts.queue('b')]
    const now = parts.now()
    await cancelFile(parts.store.db, { tenantId, fileId: 'a', now })
    await deleteFile(parts.store.db, { tenantId, fileId: 'b', now })
    await fold(completed(cancelled), completed(deleted))
    expect((await dueObjectDeletions(parts.store.db, 10)).sort()).toEqual([
      'in/default/b',
      'out/default/a/h',
      'out/default/b/h',
    ])
    expect((await parts.file('a')).state).toBe('cancelled')
  })

  test('leaves the late output of a failed file alone: its retry will write the same key', async () => {
    const file = await parts.queue('a')
    await fold({ ...base(file), kind: 'failed', seq: 1, error: { code: 'corrupt_input', message: 'x' } })
    await fold(completed(file))
    expect(await dueObjectDeletions(parts.store.db, 10)).toEqual([])
  })

  test('folds what lies in the topic and takes it off', async () => {
    const files = [await parts.queue('a'), await parts.queue('b')]
    const reports = files.flatMap((file) => [started(file), completed(file)])
    await parts.broker.produce(
      reportTopic,
      reports.map((report) => ({ key: report.fileId, value: JSON.stringify(report) })),
    )
    const projector = await startProjector(options())
    await eventually(() => lagOf(parts.broker, projectorGroup, reportTopic)).toBe(0)
    await projector.stop()
    for (const file of files) expect((await parts.file(file.id)).state).toBe('completed')
  })
})
