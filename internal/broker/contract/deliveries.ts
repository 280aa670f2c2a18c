import { describe, expect, it } from 'vitest'
import {
  deadlineMs,
  holdRecords,
  type MakeBroker,
  numbered,
  open,
  unexpectedCrash,
  until,
} from './fixture.ts'

export function describeDeliveries(makeBroker: MakeBroker): void {
  describe('consuming one by one', () => {
    it('hands out every record once and in order at concurrency 1', async () => {
      const { broker, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(100))
      const seen: string[] = []
      const consumer = await broker.consumeEach({
        topic,
        group,
        concurrency: 1,
        onCrash: unexpectedCrash,
        handle: async ({ record }) => void seen.push(record.value),
      })
      await until('the first hundred are done', () => seen.length === 100)
      await broker.produce(topic, numbered(50))
      await until('those produced meanwhile are done', () => seen.length === 150)
      await consumer.stop()
      expect(seen).toEqual([...numbered(100), ...numbered(50)].map(({ value }) => value))
    })

    it('reaches its concurrency over all partitions, and does not exceed it', async () => {
      const { broker, topic, group } = await open(makeBroker, { partitions: 3 })
      await broker.produce(topic, numbered(30))
      const held = await holdRecords(broker, { topic, group, concurrency: 5 })
      await until('five are in hand', () => held.deliveries.size === 5)
      held.finish(...[...held.deliveries.keys()].slice(0, 3))
      await until('three more follow', () => held.deliveries.size === 8)
      // Whatever was wrongly handed out besides would show once this round trip is over.
      await broker.lag(group, topic)
      expect(held.deliveries.size).toBe(8)
      await held.stop({ graceMs: 0 })
    })

    it('fills its concurrency from one partition alone', async () => {
      const { broker, topic, group } = await open(makeBroker, { partitions: 3 })
      await broker.produce(topic, numbered(10, 1))
      const held = await holdRecords(broker, { topic, group, concurrency: 4 })
      await until('four are in hand', () => held.deliveries.size === 4)
      expect([...held.deliveries.keys()]).toEqual(['0', '1', '2', '3'])
      await held.stop({ graceMs: 0 })
    })

    it('goes on in other partitions, and commits there, while one record is slow', async () => {
      const { broker, topic, group } = await open(makeBroker, { partitions: 2 })
      await broker.produce(topic, [
        { partition: 0, value: 'slow' },
        { partition: 0, value: 'next' },
        ...numbered(200, 1),
      ])
      const held = await holdRecords(broker, { topic, group, concurrency: 2 })
      held.finish('next', ...numbered(200).map(({ value }) => value))
      await until('all but the slow one are committed', async () => {
        const [first, second] = await broker.lag(group, topic)
        return first?.lag === 1 && second?.committed === 200n
      })
      expect((await broker.lag(group, topic))[0]).toEqual({
        partition: 0,
        end: 2n,
        committed: 0n,
        doneAhead: 1,
        lag: 1,
      })
      held.finish('slow')
      await until(
        'the slow one is committed',
        async () => (await broker.lag(group, topic))[0]?.committed === 2n,
      )
      await held.stop()
      expect(held.crashes).toEqual([])
    })

    it('crashes once when a handler throws, and hands out nothing more', async () => {
      const { broker, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(10))
      const held = await holdRecords(broker, { topic, group, concurrency: 3 })
      await until('three are in hand', () => held.deliveries.size === 3)
      held.fail('1')
      await until('it crashed', () => held.crashes.length > 0)
      held.fail('2')
      held.finish('0')
      await held.stop()
      expect(held.crashes.map(({ message }) => message)).toEqual(['handler of 1 failed'])
      expect([...held.deliveries.keys()]).toEqual(['0', '1', '2'])
      expect((await broker.lag(group, topic))[0]).toMatchObject({ committed: 1n, doneAhead: 0, lag: 9 })
    })

    it('lets what is in hand finish within the grace of a stop, and commits it', async () => {
      const { broker, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(10))
      const held = await holdRecords(broker, { topic, group, concurrency: 2 })
      await until('two are in hand', () => held.deliveries.size === 2)
      const stopped = held.stop({ graceMs: deadlineMs })
      held.finish('0', '1')
      await stopped
      await held.stop()
      expect([...held.deliveries.values()].map(({ signal }) => signal.aborted)).toEqual([false, false])
      expect((await broker.lag(group, topic))[0]).toMatchObject({ committed: 2n, lag: 8 })
      expect(held.deliveries.size).toBe(2)
      expect(held.crashes).toEqual([])
    })

    it('aborts what is still in hand after the grace; that is no crash', async () => {
      const { broker, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(10))
      const held = await holdRecords(broker, { topic, group, concurrency: 3 })
      await until('three are in hand', () => held.deliveries.size === 3)
      held.finish('0', '2')
      await held.stop({ graceMs: 20 })
      expect(held.deliveries.get('1')?.signal.aborted).toBe(true)
      expect(held.crashes).toEqual([])
      expect((await broker.lag(group, topic))[0]).toMatchObject({
        committed: 1n,
        lag: 9 - (held.deliveries.size - 2),
      })
    })

    it('moves 5,000 records quickly', async () => {
      const { broker, topic, group } = await open(makeBroker, { partitions: 4 })
      const begin = performance.now()
      await broker.produce(topic, numbered(5_000))
      let done = 0
      const consumer = await broker.consumeEach({
        topic,
        group,
        concurrency: 16,
        onCrash: unexpectedCrash,
        handle: async () => {
          done += 1
        },
      })
      await until('all are done', () => done === 5_000)
      await consumer.stop()
      expect(performance.now() - begin).toBeLessThan(10_000)
      expect((await broker.lag(group, topic)).map(({ lag }) => lag)).toEqual([0, 0, 0, 0])
    })
  })
}
