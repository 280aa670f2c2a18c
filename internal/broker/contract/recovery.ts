import { describe, expect, it } from 'vitest'
import { holdRecords, type MakeBroker, numbered, open, until } from './fixture.ts'

export function describeRecovery(makeBroker: MakeBroker): void {
  describe('a consumer after another one', () => {
    it('gets the record whose handler threw', async () => {
      const { broker, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(3))
      const first = await holdRecords(broker, { topic, group, concurrency: 1 })
      first.finish('0')
      await until('the second is in hand', () => first.deliveries.has('1'))
      first.fail('1')
      await until('it crashed', () => first.crashes.length > 0)
      await first.stop()
      const second = await holdRecords(broker, { topic, group, concurrency: 5 })
      await until('the rest is in hand', () => second.deliveries.size === 2)
      expect([...second.deliveries.keys()]).toEqual(['1', '2'])
      await second.stop({ graceMs: 0 })
    })

    it('gets what was left undone, and nothing that was done ahead of it, after reopening', async () => {
      const { broker, reopen, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(8))
      const first = await holdRecords(broker, { topic, group, concurrency: 6 })
      await until('six are in hand', () => first.deliveries.size === 6)
      first.finish('1', '2', '4')
      await until(
        'the three are committed ahead',
        async () => (await broker.lag(group, topic))[0]?.doneAhead === 3,
      )
      await first.stop({ graceMs: 0 })
      const reopened = await reopen()
      // Those taken in place of the three were aborted with the rest.
      expect((await reopened.lag(group, topic))[0]).toMatchObject({
        end: 8n,
        committed: 0n,
        doneAhead: 3,
        lag: 5,
      })
      await reopened.produce(topic, [{ value: 'last' }])
      const second = await holdRecords(reopened, { topic, group, concurrency: 100 })
      await until('the last one is in hand', () => second.deliveries.has('last'))
      expect([...second.deliveries.keys()]).toEqual(['0', '3', '5', '6', '7', 'last'])
      second.finish(...second.deliveries.keys())
      await until('all is done', async () => (await reopened.lag(group, topic))[0]?.committed === 9n)
      await second.stop()
    })

    it('is told how often a record was started without becoming done', async () => {
      const { broker, reopen, topic, group } = await open(makeBroker, { partitions: 2 })
      await broker.produce(topic, [
        { partition: 0, value: 'started' },
        { partition: 0, value: 'only handed out' },
        { partition: 1, value: 'started once and done' },
      ])
      let current = broker
      const start = (value: string) => value.startsWith('started')
      for (const before of [0, 1, 2]) {
        const held = await holdRecords(current, { topic, group, concurrency: 10, start })
        const expected = before === 0 ? 3 : 2
        await until('all are in hand', () => held.deliveries.size === expected)
        expect(held.deliveries.get('started')?.previousStarts).toBe(before)
        expect(held.deliveries.get('only handed out')?.previousStarts).toBe(0)
        held.finish('started once and done')
        await until(
          'the other partition is done',
          async () => (await current.lag(group, topic))[1]?.lag === 0,
        )
        held.fail('started')
        await until('it crashed', () => held.crashes.length > 0)
        await held.stop({ graceMs: 0 })
        current = await reopen()
      }
      const last = await holdRecords(current, { topic, group, concurrency: 10 })
      await until('two are in hand', () => last.deliveries.size === 2)
      expect(last.deliveries.get('started')?.previousStarts).toBe(3)
      last.finish('started', 'only handed out')
      await until('all is done', async () => (await current.lag(group, topic))[0]?.lag === 0)
      await last.stop()
    })

    it('does not count a start that only the stop interrupted', async () => {
      const { broker, reopen, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(1))
      const first = await holdRecords(broker, { topic, group, concurrency: 1, start: () => true })
      await until('it is in hand', () => first.deliveries.size === 1)
      await first.stop({ graceMs: 0 })
      const second = await holdRecords(await reopen(), { topic, group, concurrency: 1 })
      await until('it is in hand again', () => second.deliveries.size === 1)
      expect(second.deliveries.get('0')?.previousStarts).toBe(0)
      await second.stop({ graceMs: 0 })
    })

    it('counts a record started by a handler that threw, once however often it called start', async () => {
      const { broker, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(1))
      const first = await holdRecords(broker, { topic, group, concurrency: 1, start: () => true })
      await until('it is in hand', () => first.deliveries.size === 1)
      await first.deliveries.get('0')?.start()
      first.fail('0')
      await until('it crashed', () => first.crashes.length > 0)
      await first.stop()
      const second = await holdRecords(broker, { topic, group, concurrency: 1 })
      await until('it is in hand again', () => second.deliveries.size === 1)
      expect(second.deliveries.get('0')?.previousStarts).toBe(1)
      await second.stop({ graceMs: 0 })
    })
  })
}
