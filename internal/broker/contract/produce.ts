import { describe, expect, it } from 'vitest'
import type { OutgoingRecord } from '../port.ts'
import { type MakeBroker, numbered, open, takeRecords } from './fixture.ts'

export function describeProduce(makeBroker: MakeBroker): void {
  describe('topics and producing', () => {
    it('counts offsets from 0 without gaps, in the order given', async () => {
      const { broker, topic } = await open(makeBroker)
      const first = await broker.produce(topic, numbered(3))
      const second = await broker.produce(topic, numbered(2))
      expect([...first, ...second]).toEqual([0n, 1n, 2n, 3n, 4n].map((offset) => ({ partition: 0, offset })))
      expect(await broker.produce(topic, [])).toEqual([])
    })

    it('numbers the records of calls made at the same time without gap or overlap', async () => {
      const { broker, topic } = await open(makeBroker)
      const calls = await Promise.all(Array.from({ length: 20 }, () => broker.produce(topic, numbered(5))))
      const offsets = calls.flat().map(({ offset }) => Number(offset))
      expect(offsets.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    })

    it('puts records of one key into one partition, also after reopening', async () => {
      const { broker, reopen, topic } = await open(makeBroker, { partitions: 8 })
      const keys = Array.from({ length: 50 }, (_, i) => `tenant-${i}`)
      const records = keys.map((key) => ({ key, value: 'x' }))
      const before = (await broker.produce(topic, records)).map(({ partition }) => partition)
      const after = (await (await reopen()).produce(topic, records)).map(({ partition }) => partition)
      expect(after).toEqual(before)
      expect(new Set(before).size).toBeGreaterThan(3)
    })

    it('puts a record where its partition says, whatever its key', async () => {
      const { broker, topic } = await open(makeBroker, { partitions: 4 })
      const positions = await broker.produce(topic, [
        { partition: 3, value: 'a', key: 'k' },
        { partition: 0, value: 'b', key: 'k' },
        { partition: 3, value: 'c' },
      ])
      expect(positions.map(({ partition }) => partition)).toEqual([3, 0, 3])
    })

    it('lets partitions take turns when a record names neither', async () => {
      const { broker, topic } = await open(makeBroker, { partitions: 4 })
      const counts = new Map<number, number>()
      for (let call = 0; call < 4; call += 1) {
        for (const { partition } of await broker.produce(topic, numbered(6))) {
          counts.set(partition, (counts.get(partition) ?? 0) + 1)
        }
      }
      expect(counts).toEqual(new Map([0, 1, 2, 3].map((partition) => [partition, 6])))
    })

    it('brings key, value, headers and time back as they were', async () => {
      const { broker, topic, group } = await open(makeBroker)
      const before = Date.now()
      const sent: OutgoingRecord[] = [
        { value: '' },
        { value: '{"name":"naïve \u{1F5BC}\uFE0F \u0000 日本語.png"}', key: 'ключ "1"' },
        { value: 'a\nb\t\\c\'d"e', headers: { traceparent: '00-ab-cd-01', note: 'größer → kleiner' } },
        { value: `${'0123456789abcdef'.repeat(65_536)}!`, key: 'one mebibyte and a byte' },
      ]
      await broker.produce(topic, sent)
      const received = await takeRecords(broker, { topic, group, count: sent.length })
      expect(received.map(({ value }) => value.length)).toEqual(sent.map(({ value }) => value.length))
      for (const [index, record] of received.entries()) {
        const original = sent[index]
        // Compared apart: a difference in a mebibyte would be printed whole.
        expect(record.value === original?.value).toBe(true)
        expect(record.key).toBe(original?.key)
        expect(record.headers).toEqual(original?.headers ?? {})
        expect(record).toMatchObject({ topic, partition: 0, offset: BigInt(index) })
        expect(Math.abs(record.timestamp - before)).toBeLessThan(60_000)
      }
    })

    it('has what it acknowledged after reopening, and counts on', async () => {
      const { broker, reopen, topic, group } = await open(makeBroker, { partitions: 2 })
      await broker.produce(topic, [...numbered(3, 0), ...numbered(2, 1)])
      const reopened = await reopen()
      expect(await reopened.produce(topic, [...numbered(1, 0), ...numbered(1, 1)])).toEqual([
        { partition: 0, offset: 3n },
        { partition: 1, offset: 2n },
      ])
      expect(await takeRecords(reopened, { topic, group, count: 7 })).toHaveLength(7)
    })

    it('creates a topic once, grows it, and never shrinks it', async () => {
      const { broker, topic, group } = await open(makeBroker, { partitions: 2 })
      await broker.produce(topic, numbered(2))
      await broker.ensureTopic(topic, { partitions: 2 })
      await broker.ensureTopic(topic, { partitions: 5 })
      await broker.ensureTopic(topic, { partitions: 1 })
      expect(await broker.lag(group, topic)).toHaveLength(5)
      expect(await broker.produce(topic, numbered(1, 4))).toEqual([{ partition: 4, offset: 0n }])
      expect(await takeRecords(broker, { topic, group, count: 3 })).toHaveLength(3)
    })

    it('refuses a topic that does not exist', async () => {
      const { broker, topic } = await open(makeBroker)
      await expect(broker.produce(`${topic}-absent`, numbered(1))).rejects.toMatchObject({
        code: 'broker_unavailable',
      })
    })

    it('refuses everything once it is closed', async () => {
      const { broker, reopen, topic } = await open(makeBroker)
      await reopen()
      await expect(broker.produce(topic, numbered(1))).rejects.toMatchObject({ code: 'broker_unavailable' })
    })
  })
}
