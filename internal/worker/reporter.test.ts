import { describe, expect, test } from 'vitest'
import { eventually, useParts } from '../../test/support/parts.ts'
import type { Broker, OutgoingRecord } from '../broker/index.ts'
import { KompressorError } from '../errors/index.ts'
import { type Report, reportTopic } from '../messages/index.ts'
import { createReporter } from './reporter.ts'

const parts = useParts()

function reportOf(fileId: string, attempt: number): Report {
  const ids = { taskId: fileId, fileId, batchId: 'b', jobUid: 'j' }
  return { ...ids, attempt, worker: 'w', at: '2026-01-01T00:00:00Z', kind: 'started', seq: 0 }
}

/** The real broker, with what it was given noted and its first answer held back. */
function held() {
  const batches: (readonly OutgoingRecord[])[] = []
  const gate = Promise.withResolvers<void>()
  const broker: Broker = {
    ...parts.broker,
    produce: async (topic, records) => {
      batches.push(records)
      if (batches.length === 1) await gate.promise
      return parts.broker.produce(topic, records)
    },
  }
  return { broker, batches, open: gate.resolve, fail: gate.reject }
}

describe('the reporter', () => {
  test('sends together what comes while a report is on its way, in order for each file', async () => {
    const { broker, batches, open } = held()
    const reporter = createReporter(broker)
    const sent = [reporter.send(reportOf('a', 1), {})]
    await eventually(() => batches.length).toBe(1)
    for (const attempt of [2, 3, 4]) {
      for (const file of ['a', 'b']) sent.push(reporter.send(reportOf(file, attempt), { n: `${attempt}` }))
    }
    open()
    await Promise.all(sent)
    expect(batches.map((batch) => batch.length)).toEqual([1, 6])
    const records = await parts.records(reportTopic)
    const attempts = (file: string) =>
      records.filter(({ key }) => key === file).map(({ value }) => JSON.parse(value).attempt)
    expect(attempts('a')).toEqual([1, 2, 3, 4])
    expect(attempts('b')).toEqual([2, 3, 4])
    expect(records.at(-1)?.headers).toMatchObject({ n: '4', ce_id: 'b.4.0', ce_source: '/jobs/j/workers/w' })
  })

  test('tells only those whose reports failed, and goes on', async () => {
    const { broker, batches, fail } = held()
    const reporter = createReporter(broker)
    const first = reporter.send(reportOf('a', 1), {})
    await eventually(() => batches.length).toBe(1)
    const second = reporter.send(reportOf('a', 2), {})
    fail(new KompressorError('broker_unavailable', 'away'))
    await expect(first).rejects.toMatchObject({ code: 'broker_unavailable' })
    await second
    expect(await parts.records(reportTopic)).toHaveLength(1)
  })
})
