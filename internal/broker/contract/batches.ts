import { describe, expect, it } from 'vitest'
import type { IncomingRecord } from '../port.ts'
import { type MakeBroker, numbered, open, takeRecords, unexpectedCrash, until } from './fixture.ts'

export function describeBatches(makeBroker: MakeBroker): void {
  describe('consuming in batches', () => {
    it('hands over one batch at a time, no larger than asked, in order inside each partition', async () => {
      const { broker, topic, group } = await open(makeBroker, { partitions: 3 })
      await broker.produce(
        topic,
        [0, 1, 2].flatMap((partition) => numbered(100, partition)),
      )
      const sizes: number[] = []
      const seen = new Map<number, string[]>()
      let atOnce = 0
      let most = 0
      const consumer = await broker.consumeBatches({
        topic,
        group,
        maxBatch: 32,
        onCrash: unexpectedCrash,
        handle: async (records) => {
          atOnce += 1
          most = Math.max(most, atOnce)
          sizes.push(records.length)
          for (const { partition, value } of records) {
            seen.set(partition, [...(seen.get(partition) ?? []), value])
          }
          // A round trip, so that a second batch would have the time to overlap.
          await broker.lag(group, topic)
          atOnce -= 1
        },
      })
      await until('all arrived', () => sizes.reduce((sum, size) => sum + size, 0) === 300)
      await consumer.stop()
      expect(most).toBe(1)
      expect(Math.max(...sizes)).toBe(32)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
      for (const partition of [0, 1, 2]) {
        expect(seen.get(partition)).toEqual(numbered(100).map(({ value }) => value))
      }
      expect((await broker.lag(group, topic)).map(({ committed }) => committed)).toEqual([100n, 100n, 100n])
    })

    it('brings a batch again whose handler threw, and only that', async () => {
      const { broker, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(25))
      const crashes: Error[] = []
      let batches = 0
      const consumer = await broker.consumeBatches({
        topic,
        group,
        maxBatch: 10,
        onCrash: (error) => crashes.push(error),
        handle: async () => {
          batches += 1
          if (batches === 2) throw new Error('second batch')
        },
      })
      await until('it crashed', () => crashes.length > 0)
      await consumer.stop()
      expect(crashes.map(({ message }) => message)).toEqual(['second batch'])
      expect(batches).toBe(2)
      const rest = await takeRecords(broker, { topic, group, count: 15 })
      expect(rest.map(({ value }) => Number(value))).toEqual(Array.from({ length: 15 }, (_, i) => i + 10))
    })

    it('aborts a batch after the grace of a stop and brings it again', async () => {
      const { broker, topic, group } = await open(makeBroker)
      await broker.produce(topic, numbered(5))
      const held: (readonly IncomingRecord[])[] = []
      const consumer = await broker.consumeBatches({
        topic,
        group,
        maxBatch: 10,
        onCrash: unexpectedCrash,
        handle: (records, signal) => {
          held.push(records)
          return new Promise((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
          )
        },
      })
      await until('a batch is in hand', () => held.length === 1)
      await consumer.stop({ graceMs: 0 })
      expect(await takeRecords(broker, { topic, group, count: 5 })).toHaveLength(5)
    })
  })
}
