import { describe, expect, it } from 'vitest'
import {
  holdRecords,
  type MakeBroker,
  numbered,
  open,
  takeRecords,
  unexpectedCrash,
  until,
} from './fixture.ts'

export function describeGroups(makeBroker: MakeBroker): void {
  describe('groups, lag and deletion', () => {
    it('gives two groups of one topic every record each, at their own pace', async () => {
      const { broker, topic, group } = await open(makeBroker)
      const other = `${group}-other`
      await broker.produce(topic, numbered(20))
      const held = await holdRecords(broker, { topic, group, concurrency: 1 })
      await until('the first is in hand', () => held.deliveries.size === 1)
      expect(await takeRecords(broker, { topic, group: other, count: 20 })).toHaveLength(20)
      expect((await broker.lag(other, topic))[0]).toMatchObject({ committed: 20n, lag: 0 })
      expect((await broker.lag(group, topic))[0]).toMatchObject({ committed: 0n, lag: 20 })
      await held.stop({ graceMs: 0 })
    })

    it('tells what a group has before it, also one that never came', async () => {
      const { broker, topic, group } = await open(makeBroker, { partitions: 2 })
      await broker.produce(topic, [...numbered(5, 0), ...numbered(3, 1)])
      expect(await broker.lag(group, topic)).toEqual([
        { partition: 0, end: 5n, committed: 0n, doneAhead: 0, lag: 5 },
        { partition: 1, end: 3n, committed: 0n, doneAhead: 0, lag: 3 },
      ])
      const held = await holdRecords(broker, { topic, group, concurrency: 8 })
      await until('all are in hand', async () => held.deliveries.size === 5 || held.deliveries.size === 8)
      held.finish('1', '3')
      await until('what is done ahead shows', async () => {
        const [first, second] = await broker.lag(group, topic)
        return first?.lag === 3 && first.doneAhead === 2 && second?.lag === 2
      })
      held.finish('0')
      await until('the position moves over it', async () => {
        const [first] = await broker.lag(group, topic)
        return first?.committed === 2n && first.doneAhead === 1 && first.lag === 2
      })
      await held.stop({ graceMs: 0 })
    })

    it('deletes what the group has committed and keeps the rest', async () => {
      const { broker, reopen, topic, group } = await open(makeBroker, { partitions: 2 })
      await broker.produce(topic, [...numbered(1_500, 0), ...numbered(10, 1)])
      const held = await holdRecords(broker, { topic, group, concurrency: 1_000 })
      held.finish(...Array.from({ length: 1_200 }, (_, i) => String(i)).filter((value) => value !== '700'))
      await until('all below 700 and some above it are committed', async () => {
        const [first, second] = await broker.lag(group, topic)
        return first?.committed === 700n && first.doneAhead === 499 && second?.committed === 10n
      })
      await held.stop({ graceMs: 0 })
      await broker.deleteCommitted(group, topic)
      await broker.deleteCommitted(group, topic)
      const reopened = await reopen()
      const rest = await takeRecords(reopened, { topic, group, count: 301 })
      expect(rest.map(({ value }) => Number(value))).toEqual([
        700,
        ...Array.from({ length: 300 }, (_, i) => 1_200 + i),
      ])
      // A group that comes later finds what is left of the log.
      const late = await takeRecords(reopened, { topic, group: `${group}-late`, count: 800 })
      expect(late[0]).toMatchObject({ partition: 0, offset: 700n })
    })

    it('counts offsets on after everything was deleted', async () => {
      const { broker, reopen, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(4))
      await takeRecords(broker, { topic, group, count: 4 })
      await broker.deleteCommitted(group, topic)
      const reopened = await reopen()
      expect((await reopened.lag(group, topic))[0]).toMatchObject({ end: 4n, committed: 4n, lag: 0 })
      expect(await reopened.produce(topic, numbered(1))).toEqual([{ partition: 0, offset: 4n }])
    })

    it('deletes a topic while another one goes on', async () => {
      const { broker, topic, group } = await open(makeBroker)
      const doomed = `${topic}-doomed`
      await broker.ensureTopic(doomed, { partitions: 3 })
      await broker.produce(doomed, numbered(3_000))
      const seen: string[] = []
      const consumer = await broker.consumeEach({
        topic,
        group,
        concurrency: 2,
        onCrash: unexpectedCrash,
        handle: async ({ record }) => void seen.push(record.value),
      })
      const deleted = broker.deleteTopic(doomed)
      await broker.produce(topic, numbered(100))
      await until('records of the other topic arrive', () => seen.length === 100)
      await deleted
      await broker.produce(topic, numbered(100))
      await until('they still do', () => seen.length === 200)
      await consumer.stop()
      await broker.deleteTopic(doomed)
    })

    it('writes to other topics, old and new ones, after one it wrote to was deleted', async () => {
      const { broker, topic, group } = await open(makeBroker)
      const doomed = `${topic}-doomed`
      await broker.ensureTopic(doomed, { partitions: 2 })
      await Promise.all([broker.produce(doomed, numbered(10)), broker.produce(topic, numbered(10))])
      await broker.deleteTopic(doomed)
      await expect(broker.produce(doomed, numbered(1))).rejects.toMatchObject({ code: 'broker_unavailable' })
      await broker.produce(topic, numbered(10))
      const fresh = `${topic}-fresh`
      await broker.ensureTopic(fresh, { partitions: 1 })
      await broker.produce(fresh, numbered(10))
      await broker.produce(topic, numbered(10))
      expect((await broker.lag(group, topic))[0]?.end).toBe(30n)
      expect((await broker.lag(group, fresh))[0]?.end).toBe(10n)
    })

    it('starts from nothing when a deleted topic is created again', async () => {
      const { broker, topic, group } = await open(makeBroker, { partitions: 2 })
      await broker.produce(topic, numbered(10))
      await takeRecords(broker, { topic, group, count: 10 })
      await broker.deleteTopic(topic)
      await until('it can be created again', async () => {
        await broker.ensureTopic(topic, { partitions: 1 })
        return (await broker.lag(group, topic)).length === 1
      })
      expect(await broker.produce(topic, numbered(2))).toEqual([
        { partition: 0, offset: 0n },
        { partition: 0, offset: 1n },
      ])
      expect(await takeRecords(broker, { topic, group, count: 2 })).toHaveLength(2)
    })
  })
}
