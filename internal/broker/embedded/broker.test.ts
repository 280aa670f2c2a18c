import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { holdRecords, numbered, takeRecords, unexpectedCrash, until } from '../contract/fixture.ts'
import { describeBroker } from '../contract/index.ts'
import { createEmbeddedBroker } from './broker.ts'

let db: PGlite
beforeAll(async () => {
  db = await PGlite.create()
})
afterAll(() => db.close())

// Reopening keeps the database: that it survives its process is shown by crash.test.ts.
describeBroker('embedded', async () => {
  let broker = await createEmbeddedBroker({ db })
  return {
    broker,
    reopen: async () => {
      await broker.close()
      broker = await createEmbeddedBroker({ db })
      return broker
    },
    dispose: () => broker.close(),
  }
})

describe('the embedded broker', () => {
  const open = async (topic: string, partitions = 1) => {
    const broker = await createEmbeddedBroker({ db, clock: () => 1_700_000_000_000 })
    onTestFinished(() => broker.close())
    await broker.ensureTopic(topic, { partitions })
    return broker
  }

  it('refuses a second consumer of a group and topic until the first has stopped', async () => {
    const broker = await open('second')
    const options = {
      topic: 'second',
      group: 'g',
      concurrency: 1,
      handle: async () => undefined,
      onCrash: unexpectedCrash,
    }
    const first = await broker.consumeEach(options)
    await expect(broker.consumeEach(options)).rejects.toThrow(
      'group g has a consumer of topic second already; stop it before another one starts',
    )
    await first.stop()
    const second = await broker.consumeEach(options)
    await first.stop()
    await expect(broker.consumeEach(options)).rejects.toThrow('already')
    await expect(broker.consumeEach({ ...options, topic: 'absent' })).rejects.toThrow('does not exist')
    await second.stop()
  })

  it('stamps records with the time of its clock', async () => {
    const broker = await open('clock')
    await broker.produce('clock', numbered(1))
    const [record] = await takeRecords(broker, { topic: 'clock', group: 'g', count: 1 })
    expect(record?.timestamp).toBe(1_700_000_000_000)
  })

  it('consumes partitions that are added while it runs', async () => {
    const broker = await open('growing')
    const held = await holdRecords(broker, { topic: 'growing', group: 'g', concurrency: 10 })
    await broker.ensureTopic('growing', { partitions: 3 })
    await broker.produce('growing', numbered(3))
    await until('records of all partitions are in hand', () => held.deliveries.size === 3)
    held.finish('0', '1', '2')
    await held.stop()
    expect((await broker.lag('g', 'growing')).map(({ lag }) => lag)).toEqual([0, 0, 0])
  })

  it('ends the consumers of a topic that is deleted', async () => {
    const broker = await open('doomed')
    const held = await holdRecords(broker, { topic: 'doomed', group: 'g', concurrency: 1 })
    await broker.deleteTopic('doomed')
    await until('it crashed', () => held.crashes.length === 1)
    expect(held.crashes[0]).toMatchObject({ code: 'broker_unavailable', message: 'topic doomed was deleted' })
    await held.stop()
  })

  it('finishes a deletion that was interrupted when it opens again', async () => {
    const broker = await open('interrupted', 2)
    await broker.produce('interrupted', numbered(1_200))
    await takeRecords(broker, { topic: 'interrupted', group: 'g', count: 1_200 })
    const idOf = async () =>
      (await db.query<{ id: number }>(`select id from broker.topics where name = 'interrupted'`)).rows[0]?.id
    const id = await idOf()
    await broker.close()
    // As far as deleteTopic comes before its first statement that deletes records.
    await db.query(`update broker.topics set name = null where id = $1`, [id])
    await open('interrupted')
    for (const table of ['records', 'commits']) {
      const { rows } = await db.query(`select 1 from broker.${table} where topic_id = $1`, [id])
      expect(rows).toEqual([])
    }
    expect(await idOf()).not.toBe(id)
  })

  it('stops its consumers when it closes, while their handlers may still produce', async () => {
    const broker = await open('closing')
    await broker.ensureTopic('reports', { partitions: 1 })
    await broker.produce('closing', numbered(1))
    const inHand = Promise.withResolvers<void>()
    const closing = Promise.withResolvers<void>()
    await broker.consumeEach({
      topic: 'closing',
      group: 'g',
      concurrency: 1,
      onCrash: unexpectedCrash,
      handle: async () => {
        inHand.resolve()
        await closing.promise
        await broker.produce('reports', [{ value: 'done' }])
      },
    })
    await inHand.promise
    const closed = broker.close()
    closing.resolve()
    await closed
    const next = await open('closing')
    expect((await next.lag('g', 'closing'))[0]).toMatchObject({ committed: 1n, lag: 0 })
    expect((await next.lag('g', 'reports'))[0]).toMatchObject({ end: 1n })
    await expect(
      broker.consumeBatches({
        topic: 'closing',
        group: 'g',
        maxBatch: 1,
        handle: async () => undefined,
        onCrash: unexpectedCrash,
      }),
    ).rejects.toMatchObject({ code: 'broker_unavailable' })
  })

  it('waits for a transaction the application has open', async () => {
    const broker = await open('waiting')
    let committed = false
    let produced: Promise<boolean> | undefined
    await db.transaction(async (transaction) => {
      produced = broker.produce('waiting', numbered(1)).then(() => committed)
      await transaction.query('select 1')
      committed = true
    })
    expect(await produced).toBe(true)
  })

  it('needs few statements for many records', async () => {
    const broker = await open('few', 4)
    const query = vi.spyOn(db, 'query')
    onTestFinished(() => query.mockRestore())
    await Promise.all(Array.from({ length: 100 }, () => broker.produce('few', numbered(10))))
    expect(query.mock.calls.length).toBeLessThan(5)
    let done = 0
    const consumer = await broker.consumeEach({
      topic: 'few',
      group: 'g',
      concurrency: 8,
      onCrash: unexpectedCrash,
      handle: async ({ start }) => {
        await start()
        done += 1
      },
    })
    await until('all are done', () => done === 1_000)
    await consumer.stop()
    // Two pages of about 64 a second and a journal shared by eight: far from two statements a record.
    expect(query.mock.calls.length).toBeLessThan(400)
  })

  it('hands what is appended to consumers that keep up without reading it again', async () => {
    const broker = await open('at-once', 2)
    const first = await holdRecords(broker, { topic: 'at-once', group: 'a', concurrency: 4 })
    const second = await holdRecords(broker, { topic: 'at-once', group: 'b', concurrency: 4 })
    const query = vi.spyOn(db, 'query')
    onTestFinished(() => query.mockRestore())
    const headers = { traceparent: '00-1' }
    await broker.produce('at-once', [
      { key: 'k', value: '0', headers },
      { key: 'k', value: '1' },
    ])
    await until('both have them', () => first.deliveries.size === 2 && second.deliveries.size === 2)
    expect(query.mock.calls.filter(([text]) => text.includes('from broker.records'))).toEqual([])
    query.mockRestore()
    for (const held of [first, second]) {
      held.finish('0', '1')
      await held.stop()
    }
    const read = await takeRecords(broker, { topic: 'at-once', group: 'audit', count: 2 })
    expect([first, second].map((held) => [...held.deliveries.values()].map(({ record }) => record))).toEqual([
      read,
      read,
    ])
  })

  it('gives the space of deleted records back', async () => {
    const broker = await open('space')
    const size = async () =>
      (await db.query<{ size: number }>(`select pg_total_relation_size('broker.records')::int as size`))
        .rows[0]?.size ?? 0
    const round = async () => {
      await broker.produce(
        'space',
        Array.from({ length: 6_000 }, () => ({ value: 'x'.repeat(500) })),
      )
      await takeRecords(broker, { topic: 'space', group: 'g', count: 6_000 })
      await broker.deleteCommitted('g', 'space')
    }
    await round()
    const once = await size()
    for (let i = 0; i < 4; i += 1) await round()
    expect(await size()).toBeLessThan(2 * once)
  })

  it('uses next to no processor time when idle', async () => {
    const broker = await open('idle', 24)
    const consumers = await Promise.all(
      ['a', 'b', 'c'].map((group) => holdRecords(broker, { topic: 'idle', group, concurrency: 4 })),
    )
    await broker.lag('a', 'idle')
    const query = vi.spyOn(db, 'query')
    onTestFinished(() => query.mockRestore())
    const before = process.cpuUsage()
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    const used = process.cpuUsage(before)
    expect(query).not.toHaveBeenCalled()
    // One per cent of a core would be 20 ms; ten times that leaves room for the test runner itself.
    expect((used.user + used.system) / 1_000).toBeLessThan(200)
    for (const consumer of consumers) await consumer.stop()
  })
})

describe('the embedded broker on a database that goes away', () => {
  it('answers broker_unavailable and crashes its consumers', async () => {
    const own = await PGlite.create()
    const broker = await createEmbeddedBroker({ db: own })
    await broker.ensureTopic('t', { partitions: 1 })
    await broker.produce('t', numbered(2))
    const held = await holdRecords(broker, { topic: 't', group: 'g', concurrency: 1 })
    await until('a record is in hand', () => held.deliveries.size === 1)
    await own.close()
    await expect(broker.produce('t', numbered(1))).rejects.toMatchObject({
      code: 'broker_unavailable',
      message: "the broker's database failed: PGlite is closed",
    })
    await expect(broker.lag('g', 't')).rejects.toMatchObject({ code: 'broker_unavailable' })
    await expect(held.deliveries.get('0')?.start()).rejects.toMatchObject({ code: 'broker_unavailable' })
    held.finish('0')
    await until('the consumer crashed', () => held.crashes.length === 1)
    expect(held.crashes[0]).toMatchObject({ code: 'broker_unavailable' })
    await expect(held.stop({ graceMs: 0 })).rejects.toMatchObject({ code: 'broker_unavailable' })
    await broker.close()
  })
})
